// UNSUBSCRIBE (§3.10).
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/frame.h"
#include "bridge/mqtt/packet/properties.h"

#include <vector>

namespace helio::bridge::mqtt {

struct Unsubscribe {
    PacketId packet_id = 0;
    Properties properties;
    std::vector<std::string_view> filters;  // at least one
};

Result<Unsubscribe, ReasonCode> parse_unsubscribe(const Frame& frame, Version version);
void encode_unsubscribe(const Unsubscribe& unsubscribe, Version version, Bytes& out);

}  // namespace helio::bridge::mqtt
