// The state of one client between its connections (§4.1): nothing here knows of bytes or sockets.
#pragma once

#include "base/store/commit_log.h"
#include "bridge/mqtt/session/access.h"
#include "bridge/mqtt/session/connect_request.h"
#include "bridge/mqtt/session/limits.h"
#include "bridge/mqtt/session/link.h"
#include "bridge/mqtt/session/outbound_queue.h"
#include "bridge/mqtt/topic/topic_tree.h"

#include <memory>
#include <string>
#include <vector>

namespace helio::bridge::mqtt {

// Retained messages of a new subscription that have not been sent yet: a place in their order.
struct RetainedPage {
    std::string filter;
    std::string after;  // the last topic that was looked at; empty: none
    Subscription subscription;
};

struct Session {
    SubscriberId id = 0;
    std::string client_id;
    std::uint32_t expiry_s = 0;
    bool durable = false;  // has rows in the store

    // While connected.
    Link* link = nullptr;
    LinkId link_id;
    Version version = Version::v5;
    std::uint16_t window = 0;  // QoS 1 and 2 messages that may be in flight to the client
    IdentityPtr identity;
    std::uint32_t connection_version = 0;

    std::vector<FilterHandle> subscriptions;  // sorted
    std::unique_ptr<OutboundQueue> queue;     // made for the first message at QoS 1 or 2
    std::vector<PacketId> inbound;            // QoS 2 received and not released; sorted
    std::unique_ptr<std::vector<RetainedPage>> pages;
    bool pages_later = false;  // its pages go on at the next on_time
    std::unique_ptr<Will> will;
    Instant will_due = kNever;    // while disconnected
    Instant expires_at = kNever;  // while disconnected
    Instant timer_at = kNever;    // the earliest timer that is set for it

    // Whether it outlives its connection.
    bool outlives() const { return expiry_s > 0; }
};

}  // namespace helio::bridge::mqtt
