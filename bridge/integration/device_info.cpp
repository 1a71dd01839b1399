#include "bridge/integration/device_info.h"

#include "bridge/integration/json_text.h"

namespace helio::bridge::integration {

std::string render_device_info(const DeviceInfo& device) {
    std::string out;
    const auto member = [&](std::string_view key, std::string_view value) {
        out += key;
        append_json_string(out, value);
    };
    member(R"({"tenantId":)", device.tenant_id);
    member(R"(,"tenantName":)", device.tenant_name);
    member(R"(,"applicationId":)", device.application_id);
    member(R"(,"applicationName":)", device.application_name);
    member(R"(,"deviceProfileId":)", device.device_profile_id);
    member(R"(,"deviceProfileName":)", device.device_profile_name);
    member(R"(,"deviceName":)", device.device_name);
    out += R"(,"devEui":")";
    append_hex64(out, device.dev_eui.value());
    out += R"(","deviceClassEnabled":"CLASS_)";
    out += device.device_class;
    out += R"(","tags":{)";
    bool first = true;
    for (const auto& [key, value] : device.tags) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, key);
        out += ':';
        append_json_string(out, value);
    }
    out += "}}";
    return out;
}

}  // namespace helio::bridge::integration
