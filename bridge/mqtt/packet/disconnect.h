// DISCONNECT (§3.14): in MQTT 5 from both sides and with a reason, in 3.1.1 a client's farewell.
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/properties.h"

namespace helio::bridge::mqtt {

struct Disconnect {
    ReasonCode reason = ReasonCode::success;
    Properties properties;
};

Result<Disconnect, ReasonCode> parse_disconnect(const Frame& frame, Version version);
// Table 3-13: the reasons that a client may give.
bool client_may_say(ReasonCode reason);
void encode_disconnect(const Disconnect& disconnect, Version version, Bytes& out);

}  // namespace helio::bridge::mqtt
