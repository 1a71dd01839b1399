// RXParamSetupReq / RXParamSetupAns: RX1's data rate offset, RX2's data rate and frequency (TS001
// §5.5).
//
//   Req:  | RFU | 3 bits: RX1DROffset | 4 bits: RX2 data rate | 3 bytes: frequency / step |
//   Ans:  | 5 bits: RFU | RX1DROffsetACK | RX2DataRateACK | ChannelACK |
//
// The answer is repeated in every uplink until a downlink arrives.
#pragma once

#include "lns/mac/family.h"

#include <array>

namespace helio::lns::mac {

struct RxParamSetupReq {
    std::uint8_t rx1_dr_offset = 0;  // 0..7
    std::uint8_t rx2_data_rate = 0;  // 0..15
    std::uint32_t rx2_frequency_hz = 0;
    friend bool operator==(const RxParamSetupReq&, const RxParamSetupReq&) = default;
};
std::array<std::uint8_t, 4> encode(const RxParamSetupReq& req, std::uint32_t step_hz);
RxParamSetupReq parse_rx_param_setup_req(std::span<const std::uint8_t, 4> payload,
                                         std::uint32_t step_hz);

struct RxParamSetupAns {
    bool channel_ack = false;
    bool rx2_data_rate_ack = false;
    bool rx1_dr_offset_ack = false;
    bool accepted() const { return channel_ack && rx2_data_rate_ack && rx1_dr_offset_ack; }
    friend bool operator==(const RxParamSetupAns&, const RxParamSetupAns&) = default;
};
std::array<std::uint8_t, 1> encode(const RxParamSetupAns& ans);
RxParamSetupAns parse_rx_param_setup_ans(std::span<const std::uint8_t, 1> payload);

void plan_rx_param_setup(const PlanInput& in, RequestWriter& out);
void apply_rx_param_setup(AnswerContext& context, const Answered& answered);

}  // namespace helio::lns::mac
