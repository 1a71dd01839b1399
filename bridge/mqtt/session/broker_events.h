// What an observer hears of clients coming and going, beside the messages themselves.
//
// Everything is borrowed for the call.  An observer may publish; it may not end connections.
#pragma once

#include "base/time.h"
#include "bridge/mqtt/session/access.h"
#include "bridge/mqtt/session/end_reason.h"
#include "bridge/mqtt/session/link.h"

#include <span>
#include <string_view>

namespace helio::bridge::mqtt {

struct ClientView {
    std::string_view client_id;
    const Identity* identity = nullptr;
    std::string_view address;   // "192.0.2.7:51234"
    LinkId connection;          // never twice the same while the program runs
    std::uint32_t version = 0;  // counts the connections of this client id; see Broker
};

class BrokerEvents {
  public:
    virtual ~BrokerEvents() = default;
    virtual void connected(const ClientView&, Instant) {}
    virtual void disconnected(const ClientView&, EndReason, Instant) {}
    // Authentication or authorization has failed; there is no identity.
    virtual void connect_refused(const ClientView&, ReasonCode, Instant) {}
    // Filters as the client wrote them, those that were granted.
    virtual void subscribed(const ClientView&,
                            std::span<const std::string_view> /*filters*/,
                            Instant) {}
    virtual void unsubscribed(const ClientView&,
                              std::span<const std::string_view> /*filters*/,
                              Instant) {}
};

}  // namespace helio::bridge::mqtt
