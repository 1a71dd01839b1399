// WirelessDevice: create, get, list, update, delete.
#include "bridge/api/device_json.h"
#include "bridge/api/device_state.h"
#include "bridge/api/handlers.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using lns::proto::WirelessDevice;

struct Filter {
    std::string_view destination, device_profile, service_profile;

    bool fits(const WirelessDevice& device) const {
        return (destination.empty() || device.destination() == destination) &&
               (device_profile.empty() || device.device_profile_id() == device_profile) &&
               (service_profile.empty() || device.service_profile_id() == service_profile);
    }
};

}  // namespace

Outcome create_wireless_device(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    return register_device(context, Fields(*input, "", problems), problems, call.now);
}

Outcome get_wireless_device(Context& context, const Call& call) {
    const std::string& identifier = call.label("Identifier");
    const auto type = call.parameter("identifierType");
    std::optional<WirelessDevice> device;
    if (type == "DevEui") {
        const auto eui = Eui64::from_text(identifier);
        if (!eui) return fail(validation("Identifier must be 16 hexadecimal digits."));
        device = context.registry.device(*eui);
    } else if (type == "WirelessDeviceId") {
        device = context.registry.device(std::string_view(identifier));
    } else if (type != "ThingName" && type != "SidewalkManufacturingSn") {
        // The other two are valid types that no device of this server has.
        return fail(
            validation("IdentifierType must be WirelessDeviceId, DevEui, ThingName or "
                       "SidewalkManufacturingSn."));
    }
    if (!device) return fail(not_found(kDeviceKind, identifier));
    return reply_with(device_json(*device));
}

Outcome list_wireless_devices(Context& context, const Call& call) {
    const auto page = page_of(call, kMaxPage);
    if (!page) return fail(page.error());
    std::optional<Eui64> after;
    if (!page->after.empty()) {
        after = Eui64::from_text(page->after);
        if (!after) return fail(validation("NextToken must be one that a list has answered."));
    }
    const Filter filter{.destination = call.parameter("destinationName").value_or(""),
                        .device_profile = call.parameter("deviceProfileId").value_or(""),
                        .service_profile = call.parameter("serviceProfileId").value_or("")};
    const auto type = call.parameter("wirelessDeviceType");
    if (type && type != "LoRaWAN" && type != "Sidewalk") {
        return fail(validation("WirelessDeviceType must be LoRaWAN or Sidewalk."));
    }
    // This server has no Sidewalk devices, no FUOTA tasks and no multicast groups.
    const bool none =
        type == "Sidewalk" || call.parameter("fuotaTaskId") || call.parameter("multicastGroupId");
    json::array rows;
    PageWriter writer(*page, rows);
    // Times of the last uplinks are read after the walk: a row must not be read inside of it.
    std::vector<Eui64> euis;
    context.registry.devices(after, [&](const WirelessDevice& device) {
        if (none || !writer.wants_more()) return false;
        const auto eui = Eui64::from_value(device.dev_eui());
        if (filter.fits(device)) {
            writer.add(eui.to_text(), device_summary(device));
            euis.push_back(eui);
        } else {
            writer.pass(eui.to_text());
        }
        return true;
    });
    for (std::size_t i = 0; i < euis.size(); ++i) {
        if (const auto at = last_uplink_at(context, euis[i])) {
            rows[i].get_object()["LastUplinkReceivedAt"] = time_text(*at);
        }
    }
    json::object body;
    writer.finish(body);
    body["WirelessDeviceList"] = std::move(rows);
    return reply_with(body);
}

Outcome update_wireless_device(Context& context, const Call& call) {
    auto device = context.registry.device(std::string_view(call.label("Id")));
    if (!device) return fail(not_found(kDeviceKind, call.label("Id")));
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    read_device_update(Fields(*input, "", problems), *device);
    if (problems.any()) return fail(validation(problems.text()));

    const auto position = context.registry.update(*device);
    if (!position) return fail(device_refusal(context, position.error(), *device));
    return Reply{.wait_for = *position};
}

Outcome delete_wireless_device(Context& context, const Call& call) {
    const auto position = context.registry.erase_device(call.label("Id"));
    if (!position) return fail(refusal(position.error(), kDeviceKind, call.label("Id")));
    return Reply{.wait_for = *position};
}

}  // namespace helio::bridge::api
