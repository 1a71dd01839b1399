// The numbers that a join exchanges: DevNonce (16 bits, the device's) and JoinNonce (24 bits, ours;
// called AppNonce before 1.1).  Little-endian on the air.
#pragma once

#include <cassert>
#include <compare>
#include <cstdint>

namespace helio::lns {

struct DevNonce {
    std::uint16_t value = 0;
    friend constexpr auto operator<=>(const DevNonce&, const DevNonce&) = default;
};

class JoinNonce {
  public:
    static constexpr std::uint32_t kMax = 0xff'ffff;

    constexpr JoinNonce() = default;
    // `v` has at most 24 bits.
    static constexpr JoinNonce from_value(std::uint32_t v) {
        assert(v <= kMax);
        return JoinNonce(v);
    }
    constexpr std::uint32_t value() const { return value_; }
    friend constexpr auto operator<=>(const JoinNonce&, const JoinNonce&) = default;

  private:
    explicit constexpr JoinNonce(std::uint32_t v) : value_(v) {}
    std::uint32_t value_ = 0;
};

}  // namespace helio::lns
