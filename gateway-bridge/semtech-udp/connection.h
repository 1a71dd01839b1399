// What we know of one gateway that is talking to us.
//
//            PULL_DATA                        90 s without PULL_DATA
//   (new) --------------> downlink path open -----------------------> path closed
//                           ^   |  PULL_DATA from another address:      |
//                           +---+  the path moves, up to a rate         |  3 min without anything
//                           ^                                           v
//                           +------------- PULL_DATA ----------- (forgotten)
//
// A forwarder sends PUSH_DATA from another port than PULL_DATA: only the latter makes the path.  A
// new address is a router's doing and not a restart: the concentrator counts on, and what was heard
// before can be answered there.
#pragma once

#include "base/io/peer.h"
#include "gateway-bridge/semtech-udp/packet.h"
#include "gateway-bridge/semtech-udp/pending_downlinks.h"
#include "gateway-bridge/semtech-udp/round_trips.h"
#include "lns/proto/gateway_messages.h"

#include <array>
#include <optional>

namespace helio::gateway_bridge::semtech_udp {

inline constexpr std::size_t kTxAckStatuses = static_cast<std::size_t>(lns::TxAckStatus::other) + 1;

// What the registry tells of a gateway.
struct GatewayInfo {
    float antenna_gain_dbi = 0;
};

struct GatewayCounters {
    std::uint64_t push_data = 0;
    std::uint64_t pull_data = 0;
    std::uint64_t uplinks = 0;
    std::uint64_t downlinks = 0;
    std::array<std::uint64_t, kTxAckStatuses> tx_acks{};  // by TxAckStatus
    std::uint64_t unanswered_downlinks = 0;
    std::uint64_t address_changes = 0;
    std::uint64_t address_changes_refused = 0;
};

struct Connection {
    GatewayInfo info;
    std::uint32_t epoch;
    Instant connected_since;
    Instant last_seen;
    std::optional<Instant> last_uplink{};
    std::optional<io::Peer> address;  // of the PULL_DATA that made the path
    Version version = Version::v2;
    Instant last_pull;
    Instant moves_paid_until;  // each move costs an interval; a few may be owed
    PendingDownlinks pending;
    RoundTrips round_trips;
    GatewayCounters counters;
    std::optional<lns::GatewayStatus> last_status;
};

// A copy of it for people.
struct GatewayView {
    Eui64 gateway;
    std::uint32_t epoch = 0;
    Version version = Version::v2;
    bool downlink_path = false;
    std::optional<io::Peer> address;
    Instant connected_since;
    Instant last_seen;
    std::optional<Instant> last_uplink;
    RoundTrips::Summary round_trips;
    GatewayCounters counters;
    std::optional<lns::GatewayStatus> last_status;
};

}  // namespace helio::gateway_bridge::semtech_udp
