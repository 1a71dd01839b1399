// RXTimingSetupReq / RXTimingSetupAns: when RX1 opens after an uplink (TS001 §5.8).
//
//   Req:  | 4 bits: RFU | 4 bits: delay, seconds; 0 means 1 |     Ans: empty
//
// The answer is repeated in every uplink until a downlink arrives.
#pragma once

#include "lns/mac/family.h"

#include <array>

namespace helio::lns::mac {

struct RxTimingSetupReq {
    std::uint8_t delay_s = 1;  // 1..15
    friend bool operator==(const RxTimingSetupReq&, const RxTimingSetupReq&) = default;
};
std::array<std::uint8_t, 1> encode(const RxTimingSetupReq& req);
RxTimingSetupReq parse_rx_timing_setup_req(std::span<const std::uint8_t, 1> payload);

void plan_rx_timing_setup(const PlanInput& in, RequestWriter& out);
void apply_rx_timing_setup(AnswerContext& context, const Answered& answered);

}  // namespace helio::lns::mac
