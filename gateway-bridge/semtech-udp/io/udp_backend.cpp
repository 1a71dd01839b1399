#include "gateway-bridge/semtech-udp/io/udp_backend.h"

#include <utility>

namespace helio::gateway_bridge::semtech_udp {
namespace {

// Before anything has been parsed, and without need to be right about what is malformed.
bool is_push_data(const io::Datagram& datagram) {
    return datagram.bytes.size() > 3 && datagram.bytes[3] == 0;
}

}  // namespace

UdpBackend::UdpBackend(io::Loop& loop,
                       const io::Peer& bind_to,
                       std::string_view key,
                       Settings settings,
                       Backend::Registry registry,
                       Handler& handler)
    : loop_(loop),
      handler_(handler),
      backend_(settings, std::move(registry)),
      deliver_timer_(loop, [this] { deliver(); }),
      sweep_timer_(loop, [this] { backend_.on_time(loop_.now()); }),
      socket_(loop, bind_to, key, [this](auto batch) { on_datagrams(batch); }) {
    sweep_timer_.start_every(kSweepInterval);
}

void UdpBackend::on_datagrams(std::span<const io::Datagram> batch) {
    const Instant now = loop_.now();
    note_turn(now);
    // What downlinks wait for goes before the uplinks that have piled up.
    for (const io::Datagram& datagram : batch) {
        if (!is_push_data(datagram)) take(datagram, now);
    }
    for (const io::Datagram& datagram : batch) {
        if (is_push_data(datagram)) take(datagram, now);
    }
    for (const Outbox::Datagram& d : received_.datagrams) {
        socket_.send(d.to, received_.bytes_of(d));
    }
    received_.clear();
}

void UdpBackend::take(const io::Datagram& datagram, Instant now) {
    const std::size_t acks_before = received_.tx_acks.size();
    backend_.on_datagram(datagram.from, datagram.bytes, now, received_);
    for (const lns::GatewayUplink& uplink : received_.uplinks) handler_.on_uplink(uplink);
    if (received_.status != nullptr) handler_.on_status(*received_.status);
    for (std::size_t i = acks_before; i < received_.tx_acks.size(); ++i) {
        handler_.on_tx_ack(received_.tx_acks[i]);
    }
}

// The loop's time is read once a turn, so a new one tells that a turn has ended.
void UdpBackend::note_turn(Instant now) {
    if (now == turn_) return;
    turn_ = now;
    const std::uint64_t unfinished = socket_.stats().unfinished_turns;
    backend_.on_turn_end(pressure_ || unfinished != unfinished_turns_, now);
    unfinished_turns_ = unfinished;
}

void UdpBackend::send(const lns::GatewayDownlink& downlink) {
    backend_.send(downlink, loop_.now(), sent_);
    for (const Outbox::Datagram& d : sent_.datagrams) socket_.send(d.to, sent_.bytes_of(d));
    sent_.datagrams.clear();
    sent_.bytes.clear();
    if (!sent_.tx_acks.empty()) deliver_timer_.start_after(Duration::zero());
}

void UdpBackend::deliver() {
    delivering_.clear();
    std::swap(delivering_, sent_.tx_acks);  // the handler may send again
    for (const lns::GatewayTxAck& ack : delivering_) handler_.on_tx_ack(ack);
}

}  // namespace helio::gateway_bridge::semtech_udp
