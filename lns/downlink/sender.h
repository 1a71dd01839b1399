// Brings one made frame to its device: asks the schedules of the gateways on its routes, hands it
// to the first that accepts, and follows what becomes of it.
//
// A route is reserved before a counter is taken, so that a frame without a way burns none.
#pragma once

#include "lns/core.h"

namespace helio::lns {

struct Reserved {
    std::uint64_t downlink_id;
    std::size_t route;  // its index
};

class Sender {
  public:
    explicit Sender(Core& core) : core_(core) {}

    // The first route, from `from` on, whose window carries `phy_size` bytes and whose gateway has
    // time for it.
    std::optional<Reserved> reserve(const Region& region,
                                    const std::vector<Route>& routes,
                                    std::size_t from,
                                    std::size_t phy_size,
                                    std::uint64_t downlink_id,
                                    Instant now);
    // `flight` with its bytes and routes; it leaves when `flight.position` is durable.
    void send(Flight flight, const Reserved& reserved, Instant now);

    void on_tx_ack(const GatewayTxAck& ack, Instant now);
    // Gateways that stayed silent.
    void on_time(Instant now);
    std::optional<Instant> next_deadline() { return core_.flights.next_deadline(); }

  private:
    // False where no route is left.
    bool try_next(Flight& flight, Instant now);
    void tell_failure(const Flight& flight, TxAckStatus status, Instant now);
    void end_sent(const Flight& flight, const GatewayTxAck& ack, Instant now);

    Core& core_;
};

}  // namespace helio::lns
