// PUBLISH (§3.3): a message on its way, in either direction.
//
//   fixed header flags:   DUP | QoS QoS | RETAIN
//   +-------+--------+-----------+--------------+----------+
//   |  2    | topic  | 2         | 1..4  prop.  | payload  |   packet id at QoS 1 and 2,
//   +-------+--------+-----------+--------------+----------+   properties in MQTT 5
//
// Parsing copies nothing; all views borrow from the frame.
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/properties.h"

#include <string_view>

namespace helio::bridge::mqtt {

struct Publish {
    bool dup = false;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    std::string_view topic;  // a valid topic name; empty only with a topic alias
    PacketId packet_id = 0;  // 0 at QoS 0
    Properties properties;
    ByteView payload;
};

Result<Publish, ReasonCode> parse_publish(const Frame& frame, Version version);
void encode_publish(const Publish& publish, Version version, Bytes& out);

// The pieces of an outgoing PUBLISH, for those who encode once for many receivers.
struct PublishParts {
    bool dup = false;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    std::string_view topic;
    PacketId packet_id = 0;
    ByteView properties;  // as on the wire, without the length; unused in 3.1.1
    ByteView payload;
};
// Appends the packet.  Answers where in `out` its packet id stands; 0 at QoS 0.
std::size_t encode_publish_parts(const PublishParts& parts, Version version, Bytes& out);

}  // namespace helio::bridge::mqtt
