// PINGREQ and PINGRESP (§3.12, §3.13): a fixed header and nothing else.
#pragma once

#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/wire.h"

namespace helio::bridge::mqtt {

inline bool is_ping(const Frame& frame) { return frame.flags() == 0 && frame.body.empty(); }

inline void encode_pingreq(Bytes& out) {
    put_u8(out, static_cast<unsigned>(PacketType::pingreq) << 4);
    put_u8(out, 0);
}
inline void encode_pingresp(Bytes& out) {
    put_u8(out, static_cast<unsigned>(PacketType::pingresp) << 4);
    put_u8(out, 0);
}

}  // namespace helio::bridge::mqtt
