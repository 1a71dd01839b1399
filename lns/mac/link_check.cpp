#include "lns/mac/link_check.h"

#include <algorithm>

namespace helio::lns::mac {

std::array<std::uint8_t, 2> encode(const LinkCheckAns& ans) {
    return {ans.margin_db, ans.gateway_count};
}

LinkCheckAns parse_link_check_ans(std::span<const std::uint8_t, 2> payload) {
    return {payload[0], payload[1]};
}

LinkCheckAns answer_link_check(const UplinkFacts& facts) {
    const float margin = std::clamp(facts.best_snr_db - facts.required_snr_db, 0.0f, 254.0f);
    return {static_cast<std::uint8_t>(margin), facts.gateway_count};
}

}  // namespace helio::lns::mac
