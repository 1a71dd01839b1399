// UNSUBACK (§3.11): one code a filter in MQTT 5, the packet id alone in 3.1.1.
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/properties.h"

#include <vector>

namespace helio::bridge::mqtt {

struct Unsuback {
    PacketId packet_id = 0;
    Properties properties;
    std::vector<ReasonCode> codes;
};

Result<Unsuback, ReasonCode> parse_unsuback(const Frame& frame, Version version);
void encode_unsuback(const Unsuback& unsuback, Version version, Bytes& out);

}  // namespace helio::bridge::mqtt
