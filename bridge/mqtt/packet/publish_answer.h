// PUBACK, PUBREC, PUBREL and PUBCOMP (§3.4 to §3.7): four packets of one layout.
//
//   +-----------+--------+--------------+
//   | 2         | 1      | 1..4  prop.  |   MQTT 5 may leave out the properties, and the reason
//   | packet id | reason | properties   |   too where it is success; 3.1.1 has the id alone
//   +-----------+--------+--------------+
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/properties.h"

#include <array>

namespace helio::bridge::mqtt {

struct PublishAnswer {
    PacketType type = PacketType::puback;  // one of the four
    PacketId packet_id = 0;
    ReasonCode reason = ReasonCode::success;
    Properties properties;
};

Result<PublishAnswer, ReasonCode> parse_publish_answer(const Frame& frame, Version version);
// One without properties, on the stack: there is one for each message.
using ShortAnswer = std::array<std::uint8_t, 5>;
ByteView encode_short_answer(
    PacketType type, PacketId packet_id, ReasonCode reason, Version version, ShortAnswer& out);

void encode_publish_answer(const PublishAnswer& answer, Version version, Bytes& out);

}  // namespace helio::bridge::mqtt
