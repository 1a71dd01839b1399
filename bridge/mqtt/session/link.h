// The seam between the two halves of the broker: the connection (bytes) and the session core
// (state).
//
// A LinkId is a connection's epoch: what comes from a connection that has been replaced names an
// old epoch and is ignored.  Only values cross, so that the halves can stand on two machines one
// day.
#pragma once

#include "base/time.h"
#include "bridge/mqtt/packet/auth.h"
#include "bridge/mqtt/packet/disconnect.h"
#include "bridge/mqtt/packet/publish.h"
#include "bridge/mqtt/packet/publish_answer.h"
#include "bridge/mqtt/packet/subscribe.h"
#include "bridge/mqtt/packet/unsubscribe.h"
#include "bridge/mqtt/session/connect_request.h"
#include "bridge/mqtt/session/end_reason.h"
#include "bridge/mqtt/session/publish_forms.h"

#include <compare>
#include <cstdint>
#include <span>
#include <string>

namespace helio::bridge::mqtt {

struct LinkId {
    std::uint32_t index = 0xffff'ffff;
    std::uint32_t generation = 0;
    friend constexpr auto operator<=>(const LinkId&, const LinkId&) = default;
};

struct ConnectReply {
    ReasonCode reason = ReasonCode::success;
    bool session_present = false;
    std::string assigned_client_id;  // empty: the client brought its own
    std::uint32_t session_expiry_s = 0;
    bool session_expiry_changed = false;
    std::string authentication_method;  // of an enhanced authentication; empty without
    Bytes authentication_data;
};

struct Delivery {
    Qos qos = Qos::at_most_once;
    bool retain = false;
    bool dup = false;
    PacketId packet_id = 0;
    std::span<const std::uint32_t> identifiers;
};

// The connection, as the session core sees it.  No call here comes back into the core.
class Link {
  public:
    virtual void connect_reply(const ConnectReply& reply) = 0;
    // False where the packet would be larger than the client takes: it counts as delivered.
    virtual bool publish(PublishForms& forms, const Delivery& delivery) = 0;
    virtual void answer(PacketType type, PacketId id, ReasonCode reason) = 0;
    virtual void suback(PacketId id, std::span<const ReasonCode> codes) = 0;
    virtual void unsuback(PacketId id, std::span<const ReasonCode> codes) = 0;
    // A step of an enhanced authentication; false where the client does not take so much.
    virtual bool auth(ReasonCode reason, std::string_view method, ByteView data) = 0;
    // Says why, as far as the version can, and closes.  The core has let go of it already.
    virtual void close(ReasonCode reason) = 0;
    // Nothing leaves between these two.
    virtual void hold() = 0;
    virtual void release() = 0;
    virtual std::size_t queued_bytes() const = 0;

  protected:
    ~Link() = default;
};

// The session core, as the connection sees it.
class SessionPort {
  public:
    virtual LinkId open(Link& link) = 0;
    virtual void connect(LinkId link, ConnectRequest request, Instant now) = 0;
    virtual void publish(LinkId link, const Publish& packet, Instant now) = 0;
    virtual void answer(LinkId link, const PublishAnswer& packet, Instant now) = 0;
    virtual void subscribe(LinkId link, const Subscribe& packet, Instant now) = 0;
    virtual void unsubscribe(LinkId link, const Unsubscribe& packet, Instant now) = 0;
    virtual void auth(LinkId link, const Auth& packet, Instant now) = 0;
    virtual void disconnect(LinkId link, const Disconnect& packet, Instant now) = 0;
    // Gone without a DISCONNECT.
    virtual void lost(LinkId link, EndReason why, Instant now) = 0;
    // Its output has been written: there is room again.
    virtual void drained(LinkId link, Instant now) = 0;

  protected:
    ~SessionPort() = default;
};

}  // namespace helio::bridge::mqtt
