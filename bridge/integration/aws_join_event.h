// The notification of AWS IoT Core for LoRaWAN that a device joined.
#pragma once

#include "lns/proto/event.pb.h"

#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::integration {

// The topics for an accepted join: all devices, this device by its id, this device by its EUI.
// $aws/iotwireless/events/join/join_accepted/lorawan/wireless_devices[/{id type}/{id}]
std::vector<std::string> aws_join_topics(std::string_view wireless_device_id,
                                         std::uint64_t dev_eui);

// `event` holds a `join`.
void append_aws_join_event(std::string& out,
                           const lns::proto::Event& event,
                           std::string_view wireless_device_id);

}  // namespace helio::bridge::integration
