// NewChannelReq / NewChannelAns: adds, changes or removes a channel of a free plan (TS001 §5.7).
//
//   Req:  | 1 byte: index | 3 bytes: frequency / step, 0 removes | 4 bits: max DR | 4 bits: min DR
//   | Ans:  | 6 bits: RFU | DataRateRangeOK | ChannelFrequencyOK |
//
// A channel that is added is also switched on.
#pragma once

#include "lns/mac/family.h"

#include <array>

namespace helio::lns::mac {

struct NewChannelReq {
    std::uint8_t index = 0;
    std::uint32_t frequency_hz = 0;
    std::uint8_t min_data_rate = 0;
    std::uint8_t max_data_rate = 0;
    friend bool operator==(const NewChannelReq&, const NewChannelReq&) = default;
};
std::array<std::uint8_t, 5> encode(const NewChannelReq& req, std::uint32_t step_hz);
NewChannelReq parse_new_channel_req(std::span<const std::uint8_t, 5> payload,
                                    std::uint32_t step_hz);

struct NewChannelAns {
    bool frequency_ok = false;
    bool data_rates_ok = false;
    bool accepted() const { return frequency_ok && data_rates_ok; }
    friend bool operator==(const NewChannelAns&, const NewChannelAns&) = default;
};
std::array<std::uint8_t, 1> encode(const NewChannelAns& ans);
NewChannelAns parse_new_channel_ans(std::span<const std::uint8_t, 1> payload);

void plan_new_channel(const PlanInput& in, RequestWriter& out);
void apply_new_channel(AnswerContext& context, const Answered& answered);

}  // namespace helio::lns::mac
