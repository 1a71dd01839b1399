// Frame counters: 16 bits on the air, 32 bits in the session and in every MIC.
//
// They are two types, so that a wire counter cannot reach a MIC or the store without passing
// through rebuild().
#pragma once

#include <compare>
#include <cstdint>
#include <optional>

namespace helio::lns {

struct FCnt16 {
    std::uint16_t value = 0;
    friend constexpr auto operator<=>(const FCnt16&, const FCnt16&) = default;
};

struct FCnt32 {
    std::uint32_t value = 0;
    friend constexpr auto operator<=>(const FCnt32&, const FCnt32&) = default;
};

constexpr FCnt16 wire_of(FCnt32 fcnt) { return {static_cast<std::uint16_t>(fcnt.value)}; }

// The smallest full counter at or after `next` whose low 16 bits are `wire`; absent where the 32
// bits are used up, because a counter must not start again under the same keys.
constexpr std::optional<FCnt32> rebuild(FCnt16 wire, FCnt32 next) {
    const std::uint64_t candidate = (next.value & 0xffff'0000u) | wire.value;
    const std::uint64_t full = candidate >= next.value ? candidate : candidate + 0x1'0000u;
    if (full > 0xffff'ffffu) return std::nullopt;
    return FCnt32{static_cast<std::uint32_t>(full)};
}

static_assert(rebuild({5}, {5}) == FCnt32{5});
static_assert(rebuild({2}, {0xfffe}) == FCnt32{0x1'0002});
static_assert(!rebuild({2}, {0xffff'fffe}));

}  // namespace helio::lns
