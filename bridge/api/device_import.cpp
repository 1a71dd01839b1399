// Many devices in one request: POST /wireless-devices/import {"DryRun", "Devices": [...]}, each as
// CreateWirelessDevice takes it.  A wrong one is told by its index and does not stop the others.
#include "bridge/api/device_json.h"
#include "bridge/api/handlers.h"

#include <boost/json.hpp>
#include <set>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxDevices = 1000;

// What registering would say, without doing it.
Outcome check_device(Context& context,
                     const Fields& body,
                     Problems& problems,
                     std::set<std::uint64_t>& euis_of_request) {
    const auto device = read_device(body);
    if (problems.any()) return fail(validation(problems.text()));
    const auto eui = Eui64::from_value(device.dev_eui());
    if (context.registry.device(eui) || !euis_of_request.insert(eui.value()).second) {
        return fail(device_refusal(context, lns::RegistryError::dev_eui_taken, device));
    }
    if (!context.registry.destination(device.destination())) {
        return fail(not_found("Destination", device.destination()));
    }
    const auto profile = context.registry.device_profile(device.device_profile_id());
    if (!profile) return fail(not_found("DeviceProfile", device.device_profile_id()));
    if (device.has_otaa() && !profile->supports_join()) {
        return fail(
            refusal(lns::RegistryError::activation_not_supported, kDeviceKind, eui.to_text()));
    }
    if (!device.service_profile_id().empty() &&
        !context.registry.service_profile(device.service_profile_id())) {
        return fail(not_found("ServiceProfile", device.service_profile_id()));
    }
    return Reply{};
}

}  // namespace

Outcome import_wireless_devices(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const bool dry_run = body.flag("DryRun").value_or(false);
    const json::array* devices = body.list("Devices", kMaxDevices);
    if (devices == nullptr && !body.has("Devices")) {
        body.missing("Devices", "must be a list of devices");
    }
    if (problems.any()) return fail(validation(problems.text()));

    json::array errors;
    store::Position position = 0;
    std::set<std::uint64_t> euis;
    std::size_t index = 0;
    for (const json::value& item : *devices) {
        Problems wrong;
        Outcome outcome = fail(validation("The device must be an object."));
        if (item.is_object()) {
            const Fields device(item.get_object(), "", wrong);
            outcome = dry_run ? check_device(context, device, wrong, euis)
                              : register_device(context, device, wrong, call.now);
        }
        if (outcome) {
            position = std::max(position, outcome->wait_for);
        } else {
            errors.push_back(json::object{{"Index", index},
                                          {"Code", outcome.error().code},
                                          {"Message", outcome.error().message}});
        }
        ++index;
    }
    return reply_with(json::object{{"Accepted", devices->size() - errors.size()},
                                   {"DryRun", dry_run},
                                   {"Errors", std::move(errors)}},
                      position);
}

}  // namespace helio::bridge::api
