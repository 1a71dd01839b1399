// What a table is, to the store: a number in commits, a name in the file, and how its keys divide.
//
// Owners declare their tables as constants (lns/device/tables.h, bridge/mqtt/tables.h ...) and the
// wiring opens the store with all of them.  Numbers are in FORMAT.md and are never used again.
#pragma once

#include "base/bytes.h"

#include <array>
#include <cstdint>
#include <string_view>

namespace helio::store {

// What the partition of a row is computed from.  `global` rows are few and are everywhere in a
// cluster; `sequence` is the event log, partitioned by its writer.
enum class PartitionedBy : std::uint8_t {
    global,
    dev_eui,
    dev_addr,
    gateway_eui,
    client_id,
    topic,
    thing,
    principal,  // a certificate, user, access key or group of things
    sequence,
};

// 1 .. 239 are for the owners of tables, the rest is for the store itself.
struct TableSpec {
    std::uint8_t id;
    std::string_view name;
    PartitionedBy partitioned_by;
};

// Of keys, the slot included.  A longer or an empty one is an error of the caller and throws
// std::logic_error: who makes keys from people's text (topics, client ids) limits or digests it.
inline constexpr std::size_t kMaxKeySize = 511;

// Keys of a partitioned table begin with the slot of X, big-endian.  CRC-16/XMODEM (polynomial
// 0x1021, initial value 0, not reflected) over the bytes of X; test vectors are in FORMAT.md.
using Slot = std::uint16_t;
Slot slot_of(ByteView x);

}  // namespace helio::store
