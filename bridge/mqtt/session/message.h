// An application message inside the broker: borrowed while it is routed, owned and shared where it
// has to wait.
#pragma once

#include "base/bytes.h"
#include "base/time.h"
#include "bridge/mqtt/packet/properties.h"
#include "bridge/mqtt/packet/protocol.h"

#include <array>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <optional>
#include <string_view>

namespace helio::bridge::mqtt {

inline constexpr Instant kNever = Instant::max();

struct MessageView {
    std::string_view topic;
    ByteView payload;
    // As on the wire of MQTT 5, only what goes on to subscribers: no alias, expiry or identifier.
    ByteView properties;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    Instant expires_at = kNever;

    std::size_t size() const { return topic.size() + payload.size() + properties.size(); }
};

// Names a stored message: slot of its topic, position of the commit it was made for, index.
using MessageKey = std::array<std::uint8_t, 14>;

class Message {
  public:
    static boost::intrusive_ptr<const Message> copy_of(const MessageView& view);

    MessageView view() const;
    std::size_t size() const { return bytes_.size(); }

    // Where it is stored; set once by the store of the sessions.
    const std::optional<MessageKey>& stored_as() const { return stored_as_; }
    void set_stored_as(const MessageKey& key) const { stored_as_ = key; }

  private:
    explicit Message(const MessageView& view);

    friend void intrusive_ptr_add_ref(const Message* m) { ++m->references_; }
    friend void intrusive_ptr_release(const Message* m) {
        if (--m->references_ == 0) delete m;
    }

    mutable std::uint32_t references_ = 0;  // of the loop thread only
    std::uint32_t topic_size_;
    std::uint32_t properties_size_;
    Qos qos_;
    bool retain_;
    Instant expires_at_;
    mutable std::optional<MessageKey> stored_as_;
    Bytes bytes_;  // topic, properties, payload
};
using MessagePtr = boost::intrusive_ptr<const Message>;

// The properties of a received message that go on to subscribers.  Borrows from `properties` where
// nothing has to be left out, else writes to `scratch`.
ByteView forwarded_properties(const Properties& properties, Bytes& scratch);

// Whether a payload that says it is UTF-8 is (§3.3.2.3.2).
bool payload_is_as_said(const Properties& properties, ByteView payload);

// `now` plus the message's expiry interval, where it has one.
Instant expiry_of(const Properties& properties, Instant now);

}  // namespace helio::bridge::mqtt
