// A control packet with its length known and its content not yet looked at (§2.1).
//
//   +-------------------+-------+------------------+----------------------+
//   | type | flags      | 1..4  remaining length   |  body                |
//   +-------------------+-------+------------------+----------------------+
#pragma once

#include "base/bytes.h"
#include "bridge/mqtt/packet/protocol.h"

namespace helio::bridge::mqtt {

struct Frame {
    std::uint8_t first = 0;
    ByteView body;

    // 0 where the number is reserved.
    PacketType type() const { return static_cast<PacketType>(first >> 4); }
    std::uint8_t flags() const { return first & 0x0f; }
};

}  // namespace helio::bridge::mqtt
