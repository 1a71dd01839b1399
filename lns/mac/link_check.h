// LinkCheckReq / LinkCheckAns: a device asks how well it was heard (TS001 §5.2).
//
//   Ans:  | 1 byte: margin above the demodulation floor, dB | 1 byte: gateways that heard it |
#pragma once

#include "lns/mac/commands.h"

#include <array>

namespace helio::lns::mac {

struct LinkCheckAns {
    std::uint8_t margin_db = 0;  // 0..254
    std::uint8_t gateway_count = 0;
    friend bool operator==(const LinkCheckAns&, const LinkCheckAns&) = default;
};
std::array<std::uint8_t, 2> encode(const LinkCheckAns& ans);
LinkCheckAns parse_link_check_ans(std::span<const std::uint8_t, 2> payload);

LinkCheckAns answer_link_check(const UplinkFacts& facts);

}  // namespace helio::lns::mac
