// A wireless device between the API's JSON and the registry's record.
#pragma once

#include "bridge/api/common.h"

namespace helio::bridge::api {

inline constexpr std::string_view kDeviceKind = "WirelessDevice";

// Reads CreateWirelessDevice's members, LoRaWAN 1.0.x.  Id, ARN and time are left to the caller.
lns::proto::WirelessDevice read_device(const Fields& body);

// Reads UpdateWirelessDevice's members into `device`; what is absent stays.
void read_device_update(const Fields& body, lns::proto::WirelessDevice& device);

// As GetWirelessDevice and ListWirelessDevices answer.
boost::json::object device_json(const lns::proto::WirelessDevice& device);
boost::json::object device_summary(const lns::proto::WirelessDevice& device);

// Why the registry did not take `device`, with what is missing or who is in the way.
ApiError device_refusal(const Context& context,
                        lns::RegistryError error,
                        const lns::proto::WirelessDevice& device);

// Checks, names and registers one device.  The same token twice makes one device.
Outcome register_device(Context& context, const Fields& body, Problems& problems, Instant now);

}  // namespace helio::bridge::api
