// A network's 24-bit number, given out by the LoRa Alliance, and the DevAddr block that belongs to
// it (TS002 "DevAddr assignment": eight types with prefixes 0, 10, 110 ... 11111110).
#pragma once

#include "base/bytes.h"
#include "lns/frame/dev_addr.h"

#include <array>
#include <cassert>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace helio::lns {

class NetId {
  public:
    constexpr NetId() = default;
    // `v` has at most 24 bits.
    static constexpr NetId from_value(std::uint32_t v) {
        assert(v <= 0xff'ffff);
        return NetId(v);
    }
    // Six hexadecimal digits, most significant first; absent otherwise.
    static std::optional<NetId> from_text(std::string_view text);

    constexpr std::uint32_t value() const { return value_; }
    constexpr unsigned type() const { return value_ >> 21; }
    std::string to_text() const;

    // The first address of the network's block and how many leading bits all its addresses share.
    struct Block {
        DevAddr first;
        unsigned prefix_bits;
        friend bool operator==(const Block&, const Block&) = default;
    };
    constexpr Block dev_addr_block() const;
    constexpr bool owns(DevAddr address) const;

    friend constexpr auto operator<=>(const NetId&, const NetId&) = default;

  private:
    explicit constexpr NetId(std::uint32_t v) : value_(v) {}
    std::uint32_t value_ = 0;
};

namespace internal {
// By type: how many of the NetID's low bits are in the DevAddr, after a prefix of type + 1 bits.
inline constexpr std::array<unsigned, 8> kNwkIdBits = {6, 6, 9, 11, 12, 13, 15, 17};
}  // namespace internal

constexpr NetId::Block NetId::dev_addr_block() const {
    const unsigned nwk_id_bits = internal::kNwkIdBits[type()];
    const unsigned prefix_bits = type() + 1;
    const std::uint32_t prefix = (0xffu << (8 - type()) & 0xffu) << 24;  // `type` ones, then a zero
    const std::uint32_t nwk_id = value_ & ((1u << nwk_id_bits) - 1);
    const unsigned shared = prefix_bits + nwk_id_bits;
    return {DevAddr::from_value(prefix | nwk_id << (32 - shared)), shared};
}

constexpr bool NetId::owns(DevAddr address) const {
    const Block block = dev_addr_block();
    return (address.value() ^ block.first.value()) >> (32 - block.prefix_bits) == 0;
}

static_assert(NetId::from_value(0x000013).dev_addr_block().first ==
              DevAddr::from_value(0x26000000));

}  // namespace helio::lns
