// The channels that a join-accept brings: five frequencies (type 0, regions whose channels are
// free) or masks of the region's fixed channels (type 1).
//
//   type 0:  | 5 x 3 bytes: frequency / step, little-endian, 0 = unused | 1 byte: 0 |
//   type 1:  | 7 x 2 bytes: ChMask0.., little-endian, the rest zero | RFU | 1 byte: 1 |
#pragma once

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

namespace helio::lns {

inline constexpr std::size_t kCFListSize = 16;

struct CFListFrequencies {
    std::array<std::uint32_t, 5> hz{};  // 0: unused; multiples of the region's step
    friend bool operator==(const CFListFrequencies&, const CFListFrequencies&) = default;
};
struct CFListMasks {
    std::array<std::uint16_t, 7> masks{};  // bit i of masks[j] is channel 16 j + i
    friend bool operator==(const CFListMasks&, const CFListMasks&) = default;
};
using CFList = std::variant<CFListFrequencies, CFListMasks>;

// 24 bits count steps of 100 Hz, and of 200 Hz at 2.4 GHz.
inline constexpr std::uint32_t kFrequencyStepHz = 100;

std::array<std::uint8_t, kCFListSize> encode_cflist(const CFList& list,
                                                    std::uint32_t step_hz = kFrequencyStepHz);

// Absent where the type is neither 0 nor 1.
std::optional<CFList> parse_cflist(std::span<const std::uint8_t, kCFListSize> bytes,
                                   std::uint32_t step_hz = kFrequencyStepHz);

}  // namespace helio::lns
