// DeviceTimeReq / DeviceTimeAns (1.0.3 on): a device asks what time it was when it had sent (TS001
// §5.9).
//
//   Ans:  | 4 bytes: GPS seconds, little-endian, modulo 2^32 | 1 byte: 1/256 s |
#pragma once

#include "lns/mac/commands.h"

#include <array>

namespace helio::lns::mac {

struct DeviceTimeAns {
    std::uint32_t gps_seconds = 0;
    std::uint8_t fraction_256 = 0;
    friend bool operator==(const DeviceTimeAns&, const DeviceTimeAns&) = default;
};
std::array<std::uint8_t, 5> encode(const DeviceTimeAns& ans);
DeviceTimeAns parse_device_time_ans(std::span<const std::uint8_t, 5> payload);

DeviceTimeAns answer_device_time(const UplinkFacts& facts);

}  // namespace helio::lns::mac
