// The state of one client between its connections (§4.1): nothing here knows of bytes or sockets.
#pragma once

#include "base/store/commit_log.h"
#include "bridge/mqtt/session/access.h"
#include "bridge/mqtt/session/connect_request.h"
#include "bridge/mqtt/session/limits.h"
#include "bridge/mqtt/session/link.h"
#include "bridge/mqtt/session/outbound_queue.h"
#include "bridge/mqtt/topic/topic_tree.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace helio::bridge::mqtt {

// Retained messages of a new subscription that have not been sent yet: a place in their order.
struct RetainedPage {
    std::string after;  // the last topic that was looked at; empty: none
    Subscription subscription;
};
using RetainedPages = std::map<std::string, RetainedPage, std::less<>>;  // by filter

// A million of them are not many: what only some clients need stands aside, and the order of the
// members leaves no gaps.
struct Session {
    std::string client_id;
    SubscriberId id = 0;
    std::uint32_t expiry_s = 0;

    // While connected.
    std::uint32_t connection_version = 0;
    std::uint16_t window = 0;  // QoS 1 and 2 messages that may be in flight to the client
    Version version = Version::v5;

    bool durable : 1 = false;  // has rows in the store
    bool put_off : 1 = false;  // messages to it go on in the next turn

    // While connected.
    LinkId link_id;
    Link* link = nullptr;
    IdentityPtr identity;

    std::vector<FilterHandle> subscriptions;         // sorted
    std::unique_ptr<OutboundQueue> queue;            // made for the first message at QoS 1 or 2
    std::unique_ptr<std::vector<PacketId>> inbound;  // QoS 2 received and not released; sorted
    std::unique_ptr<RetainedPages> pages;
    std::unique_ptr<Will> will;
    Instant will_due = kNever;    // while disconnected
    Instant expires_at = kNever;  // while disconnected
    Instant timer_at = kNever;    // the earliest timer that is set for it

    // Whether it outlives its connection.
    bool outlives() const { return expiry_s > 0; }
    // Only what has to be cleared away is left.
    bool has_ended() const { return link == nullptr && !outlives(); }

    std::size_t inbound_count() const { return inbound ? inbound->size() : 0; }
    bool has_inbound(PacketId packet) const;
    void add_inbound(PacketId packet);
    // False where it was not there.
    bool remove_inbound(PacketId packet);
};

}  // namespace helio::bridge::mqtt
