// The broker's tables.  Keys begin with a slot; client ids are at most 256 bytes, topics and
// filters stand in keys as the first 16 bytes of their SHA-256.
#pragma once

#include "base/store/table.h"

namespace helio::bridge::mqtt {

using store::PartitionedBy;
using store::TableSpec;

// slot(client id) | client id                       -> SessionRecord
inline constexpr TableSpec kSessionTable{40, "mqtt_session", PartitionedBy::client_id};
// slot(client id) | size | client id | digest(filter) -> SubscriptionRecord
inline constexpr TableSpec kSubscriptionTable{41, "mqtt_subscription", PartitionedBy::client_id};
// slot(client id) | size | client id | order (8)    -> QueueRecord
inline constexpr TableSpec kQueueTable{42, "mqtt_queue", PartitionedBy::client_id};
// slot(topic) | position (8) | index (4)            -> MessageRecord, for the queues
inline constexpr TableSpec kMessageTable{43, "mqtt_message", PartitionedBy::topic};
// slot(client id) | size | client id | packet id (2)  -> nothing: a QoS 2 message that was received
inline constexpr TableSpec kInboundTable{44, "mqtt_inbound", PartitionedBy::client_id};
// slot(topic) | digest(topic)                       -> MessageRecord
inline constexpr TableSpec kRetainedTable{45, "mqtt_retained", PartitionedBy::topic};
// slot(client id) | client id                       -> WillRecord
inline constexpr TableSpec kWillTable{46, "mqtt_will", PartitionedBy::client_id};

inline constexpr TableSpec kTables[] = {kSessionTable,
                                        kSubscriptionTable,
                                        kQueueTable,
                                        kMessageTable,
                                        kInboundTable,
                                        kRetainedTable,
                                        kWillTable};

}  // namespace helio::bridge::mqtt
