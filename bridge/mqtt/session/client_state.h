// What the broker tells of a client that has a session, connected or away: for the API and for
// people. Copies, which stay what they were when they were asked for.
#pragma once

#include "base/time.h"
#include "bridge/mqtt/packet/protocol.h"
#include "bridge/mqtt/session/access.h"

#include <cstdint>
#include <optional>
#include <string>

namespace helio::bridge::mqtt {

struct ClientState {
    std::optional<Instant> connected_since;  // absent while it is away
    std::optional<Instant> away_since;       // where that is known
    IdentityPtr identity;                    // while connected; null where it showed none
    std::string address;                     // while connected
    std::uint16_t keep_alive_s = 0;          // while connected; 0: none
    std::uint32_t session_expiry_s = 0;
};

struct ClientSubscription {
    std::string filter;  // with $share
    Qos qos;
};

}  // namespace helio::bridge::mqtt
