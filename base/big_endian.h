// Integers as bytes, most significant first: the order of every key and every stored value.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace helio {

template <std::unsigned_integral T>
constexpr T from_or_to_big_endian(T v) {
    if constexpr (std::endian::native == std::endian::big || sizeof(T) == 1) {
        return v;
    } else if constexpr (sizeof(T) == 2) {
        return __builtin_bswap16(v);
    } else if constexpr (sizeof(T) == 4) {
        return __builtin_bswap32(v);
    } else {
        return __builtin_bswap64(v);
    }
}

// `at` has room for a T.
template <std::unsigned_integral T>
void store_big_endian(std::uint8_t* at, T v) {
    const T wire = from_or_to_big_endian(v);
    std::memcpy(at, &wire, sizeof wire);
}

template <std::unsigned_integral T>
T load_big_endian(const std::uint8_t* at) {
    T wire;
    std::memcpy(&wire, at, sizeof wire);
    return from_or_to_big_endian(wire);
}

}  // namespace helio
