// DevStatusReq / DevStatusAns: battery and how well the device hears us (TS001 §5.6).
//
//   Req: empty     Ans:  | 1 byte: battery | 2 bits: RFU | 6 bits: margin, signed dB |
#pragma once

#include "lns/mac/family.h"

#include <array>

namespace helio::lns::mac {

std::array<std::uint8_t, 2> encode(const DeviceStatus& status);
DeviceStatus parse_dev_status_ans(std::span<const std::uint8_t, 2> payload);

void plan_dev_status(const PlanInput& in, RequestWriter& out);
void apply_dev_status(AnswerContext& context, const Answered& answered);

}  // namespace helio::lns::mac
