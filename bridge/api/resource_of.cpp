#include "bridge/api/resource_of.h"

#include <algorithm>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

struct Resource {
    Service service;
    std::string_view under;  // the first segment of the path; empty: any
    std::string_view label;
    std::string_view type;
};

// The first row that fits counts.
constexpr Resource kResources[] = {
    {Service::iot, "", "thingName", "thing"},
    {Service::iot, "", "thingGroupName", "thinggroup"},
    {Service::iot, "", "thingTypeName", "thingtype"},
    {Service::iot, "", "policyName", "policy"},
    {Service::iot, "", "certificateId", "cert"},
    {Service::iot, "", "caCertificateId", "cacert"},
    {Service::iot, "", "ruleName", "rule"},
    {Service::iot, "", "accessKeyId", "accesskey"},
    {Service::iotdata, "retainedMessage", "topic", "topic"},
    {Service::iotdata, "connections", "clientId", "client"},
    {Service::iotwireless, "wireless-devices", "Id", "WirelessDevice"},
    {Service::iotwireless, "wireless-devices", "Identifier", "WirelessDevice"},
    {Service::iotwireless, "wireless-gateways", "Id", "WirelessGateway"},
    {Service::iotwireless, "wireless-gateways", "Identifier", "WirelessGateway"},
    {Service::iotwireless, "device-profiles", "Id", "DeviceProfile"},
    {Service::iotwireless, "service-profiles", "Id", "ServiceProfile"},
    {Service::iotwireless, "destinations", "Name", "Destination"},
};

std::string_view name_of(Service service) {
    return service == Service::iotwireless ? "iotwireless" : "iot";
}

std::string_view first_segment(std::string_view uri) {
    uri.remove_prefix(1);
    return uri.substr(0, uri.find('/'));
}

}  // namespace

std::string action_of(const Operation& row) {
    return fmt::format("{}:{}", name_of(row.service), row.name);
}

std::string resource_of(const Operation& row, const Call& call, const ApiConfig& config) {
    for (const Resource& one : kResources) {
        if (one.service != row.service) continue;
        if (!one.under.empty() && one.under != first_segment(row.uri)) continue;
        const auto label =
            std::ranges::find(call.labels, one.label, [](const auto& pair) { return pair.first; });
        if (label == call.labels.end()) continue;
        return arn_of(config, name_of(row.service), one.type, label->second);
    }
    return "*";
}

}  // namespace helio::bridge::api
