// The Semtech UDP listener of the server: a socket on the loop, and the Backend behind it.
//
// PUSH_ACK and PULL_ACK leave with the batch of datagrams that they answer.  What the handler is
// told about a downlink comes in a later turn than the send() that caused it, never from inside it.
#pragma once

#include "base/io/loop.h"
#include "base/io/timer.h"
#include "base/io/udp_socket.h"
#include "gateway-bridge/semtech-udp/backend.h"

#include <string_view>

namespace helio::gateway_bridge::semtech_udp {

class UdpBackend {
  public:
    struct Handler {
        virtual ~Handler() = default;
        // The uplink's views are valid during the call.
        virtual void on_uplink(const lns::GatewayUplink& uplink) = 0;
        virtual void on_tx_ack(const lns::GatewayTxAck& ack) = 0;
        virtual void on_status(const lns::GatewayStatus& status) = 0;
    };

    // Binds at once.  `key` names the setting that `bind_to` came from, for the sentence of the
    // std::runtime_error where that fails.  `handler` must outlive this.
    UdpBackend(io::Loop& loop,
               const io::Peer& bind_to,
               std::string_view key,
               Settings settings,
               Backend::Registry registry,
               Handler& handler);

    void send(const lns::GatewayDownlink& downlink);

    // What follows from uplinks (commits, say) cannot keep up: fewer are to be let in.
    void set_pressure(bool pressure) { pressure_ = pressure; }

    // A gateway has been registered, changed or removed.
    void on_registration_changed(Eui64 gateway) { backend_.on_registration_changed(gateway); }

    std::vector<GatewayView> list() { return backend_.list(loop_.now()); }
    std::optional<GatewayView> find(Eui64 gateway) { return backend_.find(gateway, loop_.now()); }
    std::vector<UnknownGateway> unknown() const { return backend_.unknown(); }
    const Backend& backend() const { return backend_; }
    const io::UdpSocket& socket() const { return socket_; }

  private:
    void on_datagrams(std::span<const io::Datagram> batch);
    void take(const io::Datagram& datagram, Instant now);
    void note_turn(Instant now);
    void deliver();

    io::Loop& loop_;
    Handler& handler_;
    Backend backend_;
    Outbox received_;  // of the batch
    Outbox sent_;      // of send(): its messages wait for the next turn
    std::vector<lns::GatewayTxAck> delivering_;
    io::Timer deliver_timer_;
    io::Timer sweep_timer_;
    bool pressure_ = false;
    Instant turn_{};
    std::uint64_t unfinished_turns_ = 0;
    io::UdpSocket socket_;
};

}  // namespace helio::gateway_bridge::semtech_udp
