// The tables of the store itself.  Inside base/store only.
#pragma once

#include "base/store/table.h"

namespace helio::store {

inline constexpr TableSpec kEventTable{0, "event_log", PartitionedBy::sequence};
// Rows by name: "event-log" (its size), "cursor/NAME" (event_cursor.h).
inline constexpr TableSpec kStoreTable{255, "store", PartitionedBy::global};
inline constexpr std::uint8_t kLastOwnersTable = 239;

}  // namespace helio::store
