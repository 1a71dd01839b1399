// What a broker that imposes AWS IoT Core's limits remembers ([aws] strict), and how it judges a
// message.
//
// A broker that does not has none of it.
#pragma once

#include "bridge/mqtt/session/link.h"
#include "bridge/mqtt/session/message.h"
#include "bridge/mqtt/session/strict_rates.h"
#include "bridge/mqtt/session/strict_replays.h"

#include <deque>

namespace helio::bridge::mqtt {

// Of a PUBLISH, a will and a message that comes by HTTP.  Success, or why it is refused.
ReasonCode check_strict_message(const MessageView& message,
                                const Properties& properties,
                                const Limits& limits);

struct StrictState {
    explicit StrictState(const Limits::Strict& limits)
        : rates(limits), replays(limits.replays_per_second) {}

    struct Websocket {
        Instant ends_at;
        LinkId link;  // may be gone before
    };

    StrictRates rates;
    StrictReplays replays;
    std::deque<Websocket> websockets;  // the first to end first
};

}  // namespace helio::bridge::mqtt
