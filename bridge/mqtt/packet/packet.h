// Any control packet, as a value: what a frame is once it has been read.
#pragma once

#include "bridge/mqtt/packet/auth.h"
#include "bridge/mqtt/packet/connack.h"
#include "bridge/mqtt/packet/connect.h"
#include "bridge/mqtt/packet/disconnect.h"
#include "bridge/mqtt/packet/ping.h"
#include "bridge/mqtt/packet/publish.h"
#include "bridge/mqtt/packet/publish_answer.h"
#include "bridge/mqtt/packet/suback.h"
#include "bridge/mqtt/packet/subscribe.h"
#include "bridge/mqtt/packet/unsuback.h"
#include "bridge/mqtt/packet/unsubscribe.h"

#include <variant>

namespace helio::bridge::mqtt {

struct Pingreq {};
struct Pingresp {};

using Packet = std::variant<Connect,
                            Connack,
                            Publish,
                            PublishAnswer,
                            Subscribe,
                            Suback,
                            Unsubscribe,
                            Unsuback,
                            Pingreq,
                            Pingresp,
                            Disconnect,
                            Auth>;

// A CONNECT says its own version; every other packet is read as `version`.
Result<Packet, ReasonCode> parse_packet(const Frame& frame, Version version);
void encode_packet(const Packet& packet, Version version, Bytes& out);

}  // namespace helio::bridge::mqtt
