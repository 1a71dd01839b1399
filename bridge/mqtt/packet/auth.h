// AUTH (§3.15): one step of an enhanced authentication; MQTT 5 only.
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/properties.h"

namespace helio::bridge::mqtt {

struct Auth {
    ReasonCode reason = ReasonCode::success;
    Properties properties;
};

Result<Auth, ReasonCode> parse_auth(const Frame& frame);
void encode_auth(const Auth& auth, Bytes& out);

}  // namespace helio::bridge::mqtt
