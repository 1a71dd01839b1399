// Gateways that speak to us and are not registered: shown to the owner, who may register them, and
// kept from being looked up again with each datagram.  A bounded table: the one that has been
// silent longest makes room.
#pragma once

#include "base/eui64.h"
#include "base/io/peer.h"
#include "base/time.h"

#include <unordered_map>
#include <vector>

namespace helio::gateway_bridge::semtech_udp {

struct UnknownGateway {
    Eui64 gateway;
    io::Peer address;
    Instant first_seen;
    Instant last_seen;
    std::uint64_t packets = 0;
};

class UnknownGateways {
  public:
    static constexpr std::size_t kCapacity = 1000;
    // For so long the answer of the registry stands; forget() ends it at once.
    static constexpr Duration kAnswerStands = std::chrono::seconds(10);

    // Counts a datagram of a gateway that has been found unknown lately; false if it has not, and
    // the registry must be asked.
    bool count_if_known_unknown(Eui64 gateway, const io::Peer& from, Instant now);
    void add(Eui64 gateway, const io::Peer& from, Instant now);
    void forget(Eui64 gateway) { seen_.erase(gateway); }

    // The latest first.
    std::vector<UnknownGateway> list() const;
    std::size_t size() const { return seen_.size(); }

  private:
    struct Entry {
        UnknownGateway seen;
        Instant looked_up;
    };
    std::unordered_map<Eui64, Entry> seen_;
};

}  // namespace helio::gateway_bridge::semtech_udp
