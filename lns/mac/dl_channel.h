// DlChannelReq / DlChannelAns (1.0.2 on, free plans): RX1 of a channel on another frequency than
// its uplink (TS001 §5.10).
//
//   Req:  | 1 byte: index | 3 bytes: frequency / step |
//   Ans:  | 6 bits: RFU | UplinkFrequencyExists | ChannelFrequencyOK |
//
// The answer is repeated in every uplink until a downlink arrives.
#pragma once

#include "lns/mac/family.h"

#include <array>

namespace helio::lns::mac {

struct DlChannelReq {
    std::uint8_t index = 0;
    std::uint32_t frequency_hz = 0;
    friend bool operator==(const DlChannelReq&, const DlChannelReq&) = default;
};
std::array<std::uint8_t, 4> encode(const DlChannelReq& req, std::uint32_t step_hz);
DlChannelReq parse_dl_channel_req(std::span<const std::uint8_t, 4> payload, std::uint32_t step_hz);

struct DlChannelAns {
    bool frequency_ok = false;
    bool uplink_exists = false;
    bool accepted() const { return frequency_ok && uplink_exists; }
    friend bool operator==(const DlChannelAns&, const DlChannelAns&) = default;
};
std::array<std::uint8_t, 1> encode(const DlChannelAns& ans);
DlChannelAns parse_dl_channel_ans(std::span<const std::uint8_t, 1> payload);

void plan_dl_channel(const PlanInput& in, RequestWriter& out);
void apply_dl_channel(AnswerContext& context, const Answered& answered);

}  // namespace helio::lns::mac
