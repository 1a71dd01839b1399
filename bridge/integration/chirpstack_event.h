// A device's event as the JSON of ChirpStack v4's MQTT integration.
//
// proto3 JSON with camelCase names.  What belongs to the integration messages is always written,
// also where it has its default value; in rxInfo[] and txInfo (gateway messages) defaults are left
// out.
#pragma once

#include "lns/proto/event.pb.h"

#include <string>
#include <string_view>

namespace helio::bridge::integration {

// `device_info` is the text of render_device_info(); `object` the JSON text that the codec made of
// the payload, empty where there is no codec (uplinks only).  Both are copied as they are.
void append_chirpstack_event(std::string& out,
                             const lns::proto::Event& event,
                             std::string_view device_info,
                             std::string_view object = {});

}  // namespace helio::bridge::integration
