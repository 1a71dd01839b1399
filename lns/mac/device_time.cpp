#include "lns/mac/device_time.h"

namespace helio::lns::mac {

std::array<std::uint8_t, 5> encode(const DeviceTimeAns& ans) {
    return {static_cast<std::uint8_t>(ans.gps_seconds),
            static_cast<std::uint8_t>(ans.gps_seconds >> 8),
            static_cast<std::uint8_t>(ans.gps_seconds >> 16),
            static_cast<std::uint8_t>(ans.gps_seconds >> 24),
            ans.fraction_256};
}

DeviceTimeAns parse_device_time_ans(std::span<const std::uint8_t, 5> p) {
    return {static_cast<std::uint32_t>(p[0]) | static_cast<std::uint32_t>(p[1]) << 8 |
                static_cast<std::uint32_t>(p[2]) << 16 | static_cast<std::uint32_t>(p[3]) << 24,
            p[4]};
}

DeviceTimeAns answer_device_time(const UplinkFacts& facts) {
    constexpr std::int64_t kSecond = 1'000'000;
    const std::int64_t us = facts.ended_at.since_epoch.count();
    return {static_cast<std::uint32_t>(us / kSecond),
            static_cast<std::uint8_t>(us % kSecond * 256 / kSecond)};
}

}  // namespace helio::lns::mac
