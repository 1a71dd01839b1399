// The keys of the broker's rows, as tables.h describes them.
#pragma once

#include "base/bytes.h"
#include "base/store/table.h"
#include "bridge/mqtt/packet/protocol.h"

#include <optional>
#include <string_view>

namespace helio::bridge::mqtt::row_keys {

Bytes client(std::string_view client_id);
// What the keys of all rows of a client begin with, in the tables that have several.
Bytes rows_of(std::string_view client_id);
Bytes subscription(std::string_view client_id, std::string_view filter);
Bytes queued(std::string_view client_id, std::uint64_t order);
Bytes inbound(std::string_view client_id, PacketId id);
Bytes retained(std::string_view topic);

store::Slot slot(ByteView key);

struct ClientRow {
    std::string_view client_id;
    ByteView rest;
};
// Absent where the key is none of ours.
std::optional<ClientRow> parse_rows_of(ByteView key);

}  // namespace helio::bridge::mqtt::row_keys
