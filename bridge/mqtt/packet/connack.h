// CONNACK (§3.2).  For 3.1.1 the reason is one of its six return codes, as the number it has there.
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/properties.h"

namespace helio::bridge::mqtt {

struct Connack {
    bool session_present = false;
    std::uint8_t code = 0;  // 5: a ReasonCode; 3.1.1: a return code
    Properties properties;  // 5 only
};

Result<Connack, ReasonCode> parse_connack(const Frame& frame, Version version);
void encode_connack(const Connack& connack, Version version, Bytes& out);

}  // namespace helio::bridge::mqtt
