// The downlinks that one gateway has been sent and has not yet answered, by the token of their
// PULL_RESP.  Tokens are a gateway's own, so that no gateway can answer for another.
#pragma once

#include "base/time.h"
#include "gateway-bridge/semtech-udp/packet.h"

#include <cstddef>
#include <optional>
#include <vector>

namespace helio::gateway_bridge::semtech_udp {

class PendingDownlinks {
  public:
    // A forwarder's own queue holds 32.  When more wait for an answer, the oldest is given up:
    // there are forwarders of version 2 that never send a TX_ACK.
    static constexpr std::size_t kCapacity = 64;

    struct Sent {
        std::uint64_t downlink_id;
        Instant at;
    };

    explicit PendingDownlinks(Token first) : next_(first) {}

    Token add(std::uint64_t downlink_id, Instant now);
    std::optional<Sent> take(Token token);
    void give_up_before(Instant instant);

    std::size_t size() const { return entries_.size(); }
    std::uint64_t given_up() const { return given_up_; }

  private:
    struct Entry {
        Token token;
        Sent sent;
    };
    std::vector<Entry> entries_;  // in the order of sending
    Token next_;
    std::uint64_t given_up_ = 0;
};

}  // namespace helio::gateway_bridge::semtech_udp
