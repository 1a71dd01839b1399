#include "gateway-bridge/semtech-udp/backend.h"

#include "gateway-bridge/semtech-udp/tx_ack.h"
#include "gateway-bridge/semtech-udp/txpk.h"

#include <algorithm>

namespace helio::gateway_bridge::semtech_udp {
namespace {

using lns::TxAckStatus;

void put_datagram(const io::Peer& to, ByteView datagram, Outbox& out) {
    out.datagrams.push_back({.to = to, .offset = out.bytes.size(), .size = datagram.size()});
    out.bytes.insert(out.bytes.end(), datagram.begin(), datagram.end());
}

}  // namespace

void Outbox::clear() {
    bytes.clear();
    datagrams.clear();
    tx_acks.clear();
    uplinks = {};
    status = nullptr;
}

Backend::Backend(Settings settings, Registry registry)
    : settings_(settings), registry_(std::move(registry)), next_uplink_id_(settings.seed) {}

void Backend::on_datagram(const io::Peer& from, ByteView datagram, Instant now, Outbox& out) {
    out.uplinks = {};
    out.status = nullptr;
    ++stats_.datagrams;
    const auto packet = parse_packet(datagram);
    if (!packet) {
        ++stats_.malformed_packets[static_cast<std::size_t>(packet.error())];
        return;
    }
    if (packet->kind == PacketKind::push_data && !shedder_.admit()) {
        return void(++stats_.push_data_refused);
    }
    Connection* const gateway = connection_of(packet->gateway, from, now);
    if (gateway == nullptr) return;
    gateway->last_seen = now;

    switch (packet->kind) {
        case PacketKind::push_data:
            put_datagram(from, encode_ack(*packet), out);
            return on_push_data(*gateway, *packet, now, out);
        case PacketKind::pull_data:
            put_datagram(from, encode_ack(*packet), out);
            return on_pull_data(*gateway, *packet, from, now);
        case PacketKind::tx_ack:
            return on_tx_ack(*gateway, *packet, now, out);
    }
}

// The state of a registered gateway, made at its first datagram; null for one that is not.
Connection* Backend::connection_of(Eui64 gateway, const io::Peer& from, Instant now) {
    const auto found = connections_.find(gateway);
    if (found != connections_.end()) return &found->second;

    ++stats_.unregistered;
    if (unknown_.count_if_known_unknown(gateway, from, now)) return nullptr;
    if (!limiter_.allow(from, now)) {
        ++stats_.unregistered_refused;
        return nullptr;
    }
    const auto info = registry_(gateway);
    if (!info) {
        unknown_.add(gateway, from, now);
        return nullptr;
    }
    --stats_.unregistered;
    unknown_.forget(gateway);
    const auto first_token = static_cast<Token>(settings_.seed ^ gateway.value());
    return &connections_
                .emplace(gateway,
                         Connection{.info = *info,
                                    .epoch = next_epoch_++,
                                    .connected_since = now,
                                    .last_seen = now,
                                    .pending = PendingDownlinks(first_token)})
                .first->second;
}

void Backend::on_push_data(Connection& gateway, const Packet& packet, Instant now, Outbox& out) {
    ++stats_.push_data;
    ++gateway.counters.push_data;
    if (!parse_push_data(packet.json, push_data_)) return void(++stats_.push_data_malformed);

    const lns::GatewayPath path{.gateway = packet.gateway, .epoch = gateway.epoch};
    for (lns::GatewayUplink& uplink : push_data_.uplinks) {
        uplink.path = path;
        uplink.uplink_id = next_uplink_id_++;
    }
    for (std::size_t i = 0; i < kRxpkFlaws; ++i) stats_.rxpk_dropped[i] += push_data_.dropped[i];
    stats_.uplinks += push_data_.uplinks.size();
    gateway.counters.uplinks += push_data_.uplinks.size();
    if (!push_data_.uplinks.empty()) gateway.last_uplink = now;
    out.uplinks = push_data_.uplinks;
    if (push_data_.status) {
        ++stats_.statuses;
        push_data_.status->path = path;
        gateway.last_status = push_data_.status;
        out.status = &*push_data_.status;
    }
}

void Backend::on_pull_data(Connection& gateway,
                           const Packet& packet,
                           const io::Peer& from,
                           Instant now) {
    ++stats_.pull_data;
    ++gateway.counters.pull_data;
    if (gateway.address && *gateway.address != from) {
        const Duration interval = settings_.address_change_interval;
        const Instant paid_until = std::max(gateway.moves_paid_until, now) + interval;
        if (paid_until > now + interval * settings_.address_changes_at_once) {
            ++stats_.address_changes_refused;
            ++gateway.counters.address_changes_refused;
            return;
        }
        ++stats_.address_changes;
        ++gateway.counters.address_changes;
        gateway.moves_paid_until = paid_until;
    }
    gateway.address = from;
    gateway.version = packet.version;
    gateway.last_pull = now;
}

void Backend::on_tx_ack(Connection& gateway, const Packet& packet, Instant now, Outbox& out) {
    const auto sent = gateway.pending.take(packet.token);
    if (!sent) return void(++stats_.tx_acks_unexpected);
    gateway.round_trips.add(now - sent->at);

    const TxAckReport report = parse_tx_ack(packet.json);
    ++stats_.tx_acks[static_cast<std::size_t>(report.status)];
    ++gateway.counters.tx_acks[static_cast<std::size_t>(report.status)];
    out.tx_acks.push_back({.gateway = packet.gateway,
                           .downlink_id = sent->downlink_id,
                           .status = report.status,
                           .used_power_dbm = report.used_power_dbm});
}

bool Backend::path_open(const Connection& gateway, Instant now) const {
    return gateway.address && now - gateway.last_pull <= settings_.path_valid;
}

// A counter is that of the concentrator's run that the uplink's connection spoke of; the other
// timings mean the same on any connection of the gateway.
bool Backend::reaches(const Connection& gateway,
                      const lns::GatewayDownlink& downlink,
                      Instant now) const {
    if (!path_open(gateway, now)) return false;
    return !std::holds_alternative<lns::SendAtCounter>(downlink.timing) ||
           downlink.path.epoch == gateway.epoch;
}

void Backend::put_tx_ack(const lns::GatewayDownlink& downlink, TxAckStatus status, Outbox& out) {
    out.tx_acks.push_back({.gateway = downlink.path.gateway,
                           .downlink_id = downlink.downlink_id,
                           .status = status,
                           .used_power_dbm = std::nullopt});
}

void Backend::send(const lns::GatewayDownlink& downlink, Instant now, Outbox& out) {
    const auto found = connections_.find(downlink.path.gateway);
    if (found == connections_.end() || !reaches(found->second, downlink, now)) {
        ++stats_.downlinks_without_path;
        return put_tx_ack(downlink, TxAckStatus::gateway_gone, out);
    }
    if (now > downlink.send_by) {
        ++stats_.downlinks_too_late;
        return put_tx_ack(downlink, TxAckStatus::too_late, out);
    }
    Connection& gateway = found->second;
    const bool answers = gateway.version == Version::v2;
    const Token token = answers ? gateway.pending.add(downlink.downlink_id, now) : Token{0};
    const std::size_t offset = out.bytes.size();
    if (!encode_pull_resp(
            gateway.version, token, downlink, gateway.info.antenna_gain_dbi, out.bytes)) {
        gateway.pending.take(token);
        return put_tx_ack(downlink, TxAckStatus::other, out);
    }
    out.datagrams.push_back(
        {.to = *gateway.address, .offset = offset, .size = out.bytes.size() - offset});
    ++stats_.downlinks;
    ++gateway.counters.downlinks;
    // Version 1 has no TX_ACK: what was sent counts as transmitted.
    if (!answers) put_tx_ack(downlink, TxAckStatus::ok, out);
}

void Backend::on_time(Instant now) {
    for (auto& [eui, gateway] : connections_) {
        gateway.pending.give_up_before(now - settings_.tx_ack_expected);
    }
    std::erase_if(connections_, [&](const auto& entry) {
        return now - entry.second.last_seen > settings_.connection_valid;
    });
}

void Backend::on_registration_changed(Eui64 gateway) {
    unknown_.forget(gateway);
    const auto found = connections_.find(gateway);
    if (found == connections_.end()) return;
    if (const auto info = registry_(gateway)) {
        found->second.info = *info;
    } else {
        connections_.erase(found);
    }
}

GatewayView Backend::view_of(Eui64 eui, const Connection& gateway, Instant now) const {
    GatewayView out{
        .gateway = eui,
        .epoch = gateway.epoch,
        .version = gateway.version,
        .downlink_path = path_open(gateway, now),
        .address = gateway.address,
        .connected_since = gateway.connected_since,
        .last_seen = gateway.last_seen,
        .last_uplink = gateway.last_uplink,
        .round_trips = gateway.round_trips.summary(),
        .counters = gateway.counters,
        .last_status = gateway.last_status,
    };
    out.counters.unanswered_downlinks = gateway.pending.given_up();
    return out;
}

std::optional<GatewayView> Backend::find(Eui64 gateway, Instant now) const {
    const auto found = connections_.find(gateway);
    if (found == connections_.end()) return std::nullopt;
    return view_of(gateway, found->second, now);
}

std::vector<GatewayView> Backend::list(Instant now) const {
    std::vector<GatewayView> out;
    out.reserve(connections_.size());
    for (const auto& [eui, gateway] : connections_) out.push_back(view_of(eui, gateway, now));
    std::ranges::sort(out, {}, &GatewayView::gateway);
    return out;
}

}  // namespace helio::gateway_bridge::semtech_udp
