// Who a device is, to applications: the `deviceInfo` object of ChirpStack's events.
//
// It changes only when somebody edits the device, so callers keep the rendered text with the
// device.
#pragma once

#include "base/eui64.h"

#include <map>
#include <string>

namespace helio::bridge::integration {

struct DeviceInfo {
    std::string tenant_id;
    std::string tenant_name;
    std::string application_id;  // the name of the destination: it also stands in the topic
    std::string application_name;
    std::string device_profile_id;
    std::string device_profile_name;
    std::string device_name;
    Eui64 dev_eui;
    char device_class = 'A';  // 'A', 'B' or 'C'
    std::map<std::string, std::string> tags;
};

// The object's JSON text: {"tenantId":...}
std::string render_device_info(const DeviceInfo& device);

}  // namespace helio::bridge::integration
