// The Semtech UDP side of the server without the sockets: datagrams and downlinks go in with the
// time, datagrams and messages for the network server come out in an Outbox.  Only gateways that
// the registry knows are served; the others are counted, shown and never answered.
//
// The protocol has no authentication: who can forge a source address can pretend to be a gateway.
// So a path moves to another address at most every five seconds, a TX_ACK counts only with a token
// that its gateway was sent, and nothing that comes in can make us keep more than a bounded amount.
#pragma once

#include "gateway-bridge/semtech-udp/connection.h"
#include "gateway-bridge/semtech-udp/load_shedder.h"
#include "gateway-bridge/semtech-udp/push_data.h"
#include "gateway-bridge/semtech-udp/source_limiter.h"
#include "gateway-bridge/semtech-udp/unknown_gateways.h"

#include <functional>
#include <span>
#include <unordered_map>
#include <vector>

namespace helio::gateway_bridge::semtech_udp {

// Effects, in the order in which they came about.  The caller owns it, reuses it and clears it.
struct Outbox {
    struct Datagram {
        io::Peer to;
        std::size_t offset;  // in `bytes`
        std::size_t size;
    };
    Bytes bytes;
    std::vector<Datagram> datagrams;
    std::vector<lns::GatewayTxAck> tx_acks;

    // Of the last on_datagram(), which they are not valid beyond.
    std::span<const lns::GatewayUplink> uplinks;
    const lns::GatewayStatus* status = nullptr;

    ByteView bytes_of(const Datagram& d) const { return ByteView(bytes).subspan(d.offset, d.size); }
    void clear();
};

inline constexpr Duration kSweepInterval = std::chrono::seconds(10);

struct Settings {
    Duration path_valid = std::chrono::seconds(90);              // without PULL_DATA
    Duration connection_valid = std::chrono::minutes(3);         // without anything
    Duration address_change_interval = std::chrono::seconds(5);  // on average
    int address_changes_at_once = 4;
    Duration tx_ack_expected = std::chrono::seconds(60);
    // Where tokens and uplink ids begin: any number that differs from start to start.
    std::uint32_t seed = 0;
};

struct Stats {
    std::uint64_t datagrams = 0;
    std::array<std::uint64_t, 3> malformed_packets{};  // by PacketError
    std::uint64_t unregistered = 0;                    // of gateways that are not registered
    std::uint64_t unregistered_refused = 0;            // of these, by the limit of their source
    std::uint64_t push_data = 0;
    std::uint64_t push_data_refused = 0;  // by the load shedder
    std::uint64_t push_data_malformed = 0;
    std::array<std::uint64_t, kRxpkFlaws> rxpk_dropped{};  // by RxpkFlaw
    std::uint64_t uplinks = 0;
    std::uint64_t statuses = 0;
    std::uint64_t pull_data = 0;
    std::uint64_t address_changes = 0;
    std::uint64_t address_changes_refused = 0;
    std::uint64_t downlinks = 0;
    std::uint64_t downlinks_without_path = 0;
    std::uint64_t downlinks_too_late = 0;
    std::array<std::uint64_t, kTxAckStatuses> tx_acks{};  // by TxAckStatus
    std::uint64_t tx_acks_unexpected = 0;                 // with a token that is not awaited
};

class Backend {
  public:
    // Absent for a gateway that is not registered.
    using Registry = std::function<std::optional<GatewayInfo>(Eui64)>;

    Backend(Settings settings, Registry registry);

    // PUSH_ACK and PULL_ACK come out of the same call.
    void on_datagram(const io::Peer& from, ByteView datagram, Instant now, Outbox& out);

    // Answered by a GatewayTxAck in this call (no path, too late, version 1) or in a later one.  A
    // gateway may never answer: the network server keeps its own time.
    void send(const lns::GatewayDownlink& downlink, Instant now, Outbox& out);

    // A turn of the loop has ended; `backlog` if it left datagrams, or what follows from them,
    // undone.
    void on_turn_end(bool backlog, Instant now) { shedder_.on_turn_end(backlog, now); }

    // Forgets who has gone silent.  To be called every kSweepInterval.
    void on_time(Instant now);

    // The registration of a gateway has been made, changed or removed.
    void on_registration_changed(Eui64 gateway);

    std::vector<GatewayView> list(Instant now) const;
    std::optional<GatewayView> find(Eui64 gateway, Instant now) const;
    std::vector<UnknownGateway> unknown() const { return unknown_.list(); }
    const Stats& stats() const { return stats_; }
    double admitted_share() const { return shedder_.share(); }

  private:
    Connection* connection_of(Eui64 gateway, const io::Peer& from, Instant now);
    void on_push_data(Connection& gateway, const Packet& packet, Instant now, Outbox& out);
    void on_pull_data(Connection& gateway, const Packet& packet, const io::Peer& from, Instant now);
    void on_tx_ack(Connection& gateway, const Packet& packet, Instant now, Outbox& out);
    bool path_open(const Connection& gateway, Instant now) const;
    bool reaches(const Connection& gateway,
                 const lns::GatewayDownlink& downlink,
                 Instant now) const;
    void put_tx_ack(const lns::GatewayDownlink& downlink, lns::TxAckStatus status, Outbox& out);
    GatewayView view_of(Eui64 eui, const Connection& gateway, Instant now) const;

    Settings settings_;
    Registry registry_;
    std::unordered_map<Eui64, Connection> connections_;  // at most one a registered gateway
    UnknownGateways unknown_;
    SourceLimiter limiter_;
    LoadShedder shedder_;
    PushData push_data_;
    std::uint32_t next_epoch_ = 1;
    std::uint32_t next_uplink_id_;
    Stats stats_;
};

}  // namespace helio::gateway_bridge::semtech_udp
