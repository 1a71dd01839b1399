// One message, encoded at most once for each form that its receivers need: version, QoS, retain.
//
// Ten thousand subscribers of one topic cost one encoding and ten thousand copies of some bytes;
// the packet id is patched in the shared bytes before each copy.
#pragma once

#include "bridge/mqtt/packet/protocol.h"
#include "bridge/mqtt/session/message.h"

#include <array>
#include <span>

namespace helio::bridge::mqtt {

struct PublishForm {
    Version version = Version::v5;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    bool dup = false;
    PacketId packet_id = 0;
    std::span<const std::uint32_t> identifiers;  // of the subscriptions; left out in 3.1.1
};

class PublishForms {
  public:
    // `message` must stay until the next start.
    void start(const MessageView& message, Instant now);
    // The encoded PUBLISH; valid until the next call.
    ByteView encode(const PublishForm& form);

  private:
    struct Encoded {
        Bytes bytes;
        std::size_t packet_id_at = 0;
    };
    void make(const PublishForm& form, Encoded& out);

    MessageView message_;
    Instant now_{};
    std::uint32_t made_ = 0;  // one bit a form
    std::array<Encoded, 12> shared_;
    Encoded own_;  // for those that share with nobody: identifiers, DUP
    Bytes properties_;
};

}  // namespace helio::bridge::mqtt
