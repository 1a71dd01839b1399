// The `meta` object that some forwarders add to a frame or to statistics: names and values as text.
#pragma once

#include "gateway-bridge/semtech-udp/json_reader.h"

#include <map>
#include <string>

namespace helio::gateway_bridge::semtech_udp {

// Reads the next value into `out`, leaving out what is no string, is no UTF-8, is longer than 256
// bytes, or comes after 32 entries: a gateway cannot make a frame's record grow.
void read_metadata(JsonReader& in, std::map<std::string, std::string>& out);

}  // namespace helio::gateway_bridge::semtech_udp
