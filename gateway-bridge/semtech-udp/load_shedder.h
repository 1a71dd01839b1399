// Which PUSH_DATA are read when more come than can be handled.  Without it the kernel would drop
// what finds its buffer full: PULL_DATA and TX_ACK, on which downlinks depend, as readily as
// uplinks.
//
// While datagrams are left unread at the end of turns for longer than a burst lasts, a smaller and
// smaller share of the PUSH_DATA is admitted, until the socket is read empty again; then the share
// grows back.  What is refused costs a look at four bytes.
#pragma once

#include "base/time.h"

#include <optional>

namespace helio::gateway_bridge::semtech_udp {

class LoadShedder {
  public:
    static constexpr Duration kBurst = std::chrono::milliseconds(100);
    static constexpr Duration kStep = std::chrono::milliseconds(20);

    // A turn has ended; `backlog` if datagrams, or what follows from them, were left undone.
    void on_turn_end(bool backlog, Instant now);

    // Whether the next PUSH_DATA is to be read.  Evenly spread, so that each gateway gets its part.
    bool admit();

    // Of 1: all.
    double share() const { return share_; }

  private:
    double share_ = 1;
    double credit_ = 0;
    std::optional<Instant> backlog_since_;
    Instant stepped_at_{};
};

}  // namespace helio::gateway_bridge::semtech_udp
