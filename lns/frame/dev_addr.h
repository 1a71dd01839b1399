// The 32-bit address that a network gives a device for one session.
//
// On the air it is little-endian; everywhere else it is written as a number ("01020304").  The
// named constructors and wire() are the only places in the tree where that swap happens.
#pragma once

#include "base/bytes.h"

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace helio::lns {

class DevAddr {
  public:
    constexpr DevAddr() = default;
    static constexpr DevAddr from_value(std::uint32_t v) { return DevAddr(v); }
    static constexpr DevAddr from_wire(std::span<const std::uint8_t, 4> b) {
        return DevAddr(static_cast<std::uint32_t>(b[0]) | static_cast<std::uint32_t>(b[1]) << 8 |
                       static_cast<std::uint32_t>(b[2]) << 16 |
                       static_cast<std::uint32_t>(b[3]) << 24);
    }
    // Eight hexadecimal digits, most significant first; absent otherwise.
    static std::optional<DevAddr> from_text(std::string_view text) {
        const auto bytes = from_hex(text);
        if (!bytes || bytes->size() != 4) return std::nullopt;
        return DevAddr(static_cast<std::uint32_t>((*bytes)[0]) << 24 |
                       static_cast<std::uint32_t>((*bytes)[1]) << 16 |
                       static_cast<std::uint32_t>((*bytes)[2]) << 8 | (*bytes)[3]);
    }

    constexpr std::uint32_t value() const { return value_; }
    constexpr std::array<std::uint8_t, 4> wire() const {
        return {static_cast<std::uint8_t>(value_),
                static_cast<std::uint8_t>(value_ >> 8),
                static_cast<std::uint8_t>(value_ >> 16),
                static_cast<std::uint8_t>(value_ >> 24)};
    }
    constexpr std::array<std::uint8_t, 4> big_endian() const {
        const auto w = wire();
        return {w[3], w[2], w[1], w[0]};
    }
    std::string to_text() const { return to_hex(big_endian()); }

    friend constexpr auto operator<=>(const DevAddr&, const DevAddr&) = default;

  private:
    explicit constexpr DevAddr(std::uint32_t v) : value_(v) {}
    std::uint32_t value_ = 0;
};

}  // namespace helio::lns

template <>
struct std::hash<helio::lns::DevAddr> {
    std::size_t operator()(helio::lns::DevAddr a) const noexcept {
        return static_cast<std::size_t>(a.value() * 0x9e37'79b9'7f4a'7c15u >> 16);
    }
};
