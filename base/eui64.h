// An EUI-64: the name of a device, a gateway or a join server.
//
// Written as 16 hexadecimal digits, most significant first; LoRaWAN frames carry it least
// significant byte first, the Semtech UDP protocol most significant byte first.
#pragma once

#include "base/bytes.h"

#include <array>
#include <compare>
#include <functional>

namespace helio {

class Eui64 {
  public:
    constexpr Eui64() = default;
    static constexpr Eui64 from_value(std::uint64_t v) { return Eui64(v); }
    static constexpr Eui64 from_big_endian(std::span<const std::uint8_t, 8> b) {
        std::uint64_t v = 0;
        for (const std::uint8_t byte : b) v = v << 8 | byte;
        return Eui64(v);
    }
    static constexpr Eui64 from_little_endian(std::span<const std::uint8_t, 8> b) {
        std::uint64_t v = 0;
        for (std::size_t i = 8; i-- > 0;) v = v << 8 | b[i];
        return Eui64(v);
    }
    // Sixteen digits, with '-' or ':' between bytes allowed; absent otherwise.
    static std::optional<Eui64> from_text(std::string_view text);

    constexpr std::uint64_t value() const { return value_; }
    constexpr std::array<std::uint8_t, 8> big_endian() const {
        std::array<std::uint8_t, 8> out{};
        for (std::size_t i = 0; i < 8; ++i) {
            out[i] = static_cast<std::uint8_t>(value_ >> (56 - 8 * i));
        }
        return out;
    }
    constexpr std::array<std::uint8_t, 8> little_endian() const {
        std::array<std::uint8_t, 8> out{};
        for (std::size_t i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value_ >> (8 * i));
        return out;
    }
    std::string to_text() const { return to_hex(big_endian()); }

    friend constexpr auto operator<=>(const Eui64&, const Eui64&) = default;

  private:
    explicit constexpr Eui64(std::uint64_t v) : value_(v) {}
    std::uint64_t value_ = 0;
};

}  // namespace helio

template <>
struct std::hash<helio::Eui64> {
    std::size_t operator()(helio::Eui64 e) const noexcept {
        return static_cast<std::size_t>(e.value() * 0x9e37'79b9'7f4a'7c15u);
    }
};
