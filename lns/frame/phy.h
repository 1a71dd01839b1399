// What every LoRaWAN frame begins with: the MAC header that says which kind of frame it is.
//
//   +-------+-----+-------+
//   |   3   |  3  |   2   |  bits, most significant first
//   +-------+-----+-------+
//   | MType | RFU | Major |  MHDR (TS001 §4.2)
//   +-------+-----+-------+
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <array>
#include <cstdint>

namespace helio::lns {

enum class MType : std::uint8_t {
    join_request = 0,
    join_accept = 1,
    unconfirmed_up = 2,
    unconfirmed_down = 3,
    confirmed_up = 4,
    confirmed_down = 5,
    rejoin_request = 6,
    proprietary = 7,
};

enum class Direction : std::uint8_t { up = 0, down = 1 };

// The first four bytes of a CMAC, in their order on the air.
using Mic = std::array<std::uint8_t, 4>;
inline constexpr std::size_t kMicSize = 4;

enum class FrameError : std::uint8_t {
    too_short,
    unsupported_major,
    unexpected_mtype,  // a frame of another kind than the parser's
    wrong_size,        // of a frame whose size is fixed
    truncated_fopts,
    fopts_with_port_zero,
};

constexpr std::uint8_t mhdr_of(MType type) {
    return static_cast<std::uint8_t>(static_cast<unsigned>(type) << 5);
}

// The kind of the frame.  A proprietary frame is LoRaWAN in its MType only: its other bits are its
// maker's.
constexpr Result<MType, FrameError> parse_mtype(ByteView phy) {
    if (phy.empty()) return fail(FrameError::too_short);
    const auto type = static_cast<MType>(phy[0] >> 5);
    if (type != MType::proprietary && (phy[0] & 0x03) != 0)
        return fail(FrameError::unsupported_major);
    return type;
}

}  // namespace helio::lns
