// SUBACK (§3.9): one code a filter, in the order of the SUBSCRIBE.
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/properties.h"

#include <vector>

namespace helio::bridge::mqtt {

struct Suback {
    PacketId packet_id = 0;
    Properties properties;
    std::vector<ReasonCode> codes;
};

Result<Suback, ReasonCode> parse_suback(const Frame& frame, Version version);
// For 3.1.1 every error becomes its only one, 0x80.
void encode_suback(const Suback& suback, Version version, Bytes& out);

}  // namespace helio::bridge::mqtt
