// The tables of the network server: their numbers (1..39) in commits and in FORMAT.md, and how
// their keys divide.  Keys are built in lns/device/keys.h only.
#pragma once

#include "base/store/table.h"

#include <array>

namespace helio::lns {

using store::PartitionedBy;
using store::TableSpec;

// clang-format off
//                                                                          key -> value
inline constexpr TableSpec kDevices{1, "wireless_devices", PartitionedBy::dev_eui};        // slot DevEUI -> WirelessDevice
inline constexpr TableSpec kDeviceIds{2, "wireless_device_ids", PartitionedBy::global};    // UUID -> DevEUI
inline constexpr TableSpec kDeviceProfiles{3, "device_profiles", PartitionedBy::global};   // UUID -> DeviceProfile
inline constexpr TableSpec kServiceProfiles{4, "service_profiles", PartitionedBy::global}; // UUID -> ServiceProfile
inline constexpr TableSpec kDestinations{5, "destinations", PartitionedBy::global};        // name -> Destination
inline constexpr TableSpec kGateways{6, "wireless_gateways", PartitionedBy::gateway_eui};  // slot EUI -> WirelessGateway
inline constexpr TableSpec kGatewayIds{7, "wireless_gateway_ids", PartitionedBy::global};  // UUID -> gateway EUI
inline constexpr TableSpec kUseCounts{8, "use_counts", PartitionedBy::global};             // kind id -> devices that use it
inline constexpr TableSpec kSessions{9, "sessions", PartitionedBy::dev_addr};              // slot DevAddr DevEUI -> Session
inline constexpr TableSpec kFrameStates{10, "frame_states", PartitionedBy::dev_addr};      // slot DevAddr DevEUI -> FrameState
inline constexpr TableSpec kDeviceSessions{11, "device_sessions", PartitionedBy::dev_eui}; // slot DevEUI -> DeviceSessions
inline constexpr TableSpec kJoinRecords{12, "join_records", PartitionedBy::dev_eui};       // slot DevEUI -> JoinRecord
inline constexpr TableSpec kQueue{13, "downlink_queue", PartitionedBy::dev_eui};           // slot DevEUI order -> QueueItem
// clang-format on

inline constexpr std::array kTables = {
    kDevices,
    kDeviceIds,
    kDeviceProfiles,
    kServiceProfiles,
    kDestinations,
    kGateways,
    kGatewayIds,
    kUseCounts,
    kSessions,
    kFrameStates,
    kDeviceSessions,
    kJoinRecords,
    kQueue,
};

}  // namespace helio::lns
