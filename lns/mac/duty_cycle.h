// DutyCycleReq / DutyCycleAns: a limit on all that a device sends (TS001 §5.4).
//
//   Req:  | 4 bits: RFU | 4 bits: MaxDutyCycle; at most 1 / 2^this of the time |     Ans: empty
#pragma once

#include "lns/mac/family.h"

#include <array>

namespace helio::lns::mac {

struct DutyCycleReq {
    std::uint8_t max_duty_cycle = 0;  // 0..15
    friend bool operator==(const DutyCycleReq&, const DutyCycleReq&) = default;
};
std::array<std::uint8_t, 1> encode(const DutyCycleReq& req);
DutyCycleReq parse_duty_cycle_req(std::span<const std::uint8_t, 1> payload);

void plan_duty_cycle(const PlanInput& in, RequestWriter& out);
void apply_duty_cycle(AnswerContext& context, const Answered& answered);

}  // namespace helio::lns::mac
