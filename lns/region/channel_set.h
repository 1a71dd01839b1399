// Which channels of a device are on: one bit a channel index, as ChMask counts them.
//
// Stored as bytes (bit 0 of byte 0 is channel 0), so that a session keeps only what its region
// needs.
#pragma once

#include "base/bytes.h"

#include <bitset>
#include <string>
#include <string_view>

namespace helio::lns {

// CN470 has the most: 96.
inline constexpr std::size_t kMaxChannels = 96;
using ChannelSet = std::bitset<kMaxChannels>;

// Bits beyond the set are ignored.
inline ChannelSet channel_set_of(ByteView bytes) {
    ChannelSet set;
    for (std::size_t i = 0; i < bytes.size() * 8 && i < set.size(); ++i) {
        if ((bytes[i / 8] >> (i % 8) & 1) != 0) set.set(i);
    }
    return set;
}
inline ChannelSet channel_set_of(std::string_view bytes) { return channel_set_of(bytes_of(bytes)); }

// Without trailing zero bytes: as a protobuf `bytes` value.
inline std::string to_bytes(const ChannelSet& set) {
    std::string out((set.size() + 7) / 8, '\0');
    for (std::size_t i = 0; i < set.size(); ++i) {
        if (set.test(i)) out[i / 8] = static_cast<char>(out[i / 8] | 1 << (i % 8));
    }
    while (!out.empty() && out.back() == '\0') out.pop_back();
    return out;
}

// The sixteen channels from `first` on, as a ChMask carries them.
inline std::uint16_t mask_of(const ChannelSet& set, std::size_t first) {
    std::uint16_t mask = 0;
    for (std::size_t i = 0; i < 16 && first + i < set.size(); ++i) {
        if (set.test(first + i)) mask = static_cast<std::uint16_t>(mask | 1 << i);
    }
    return mask;
}

}  // namespace helio::lns
