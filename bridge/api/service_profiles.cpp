// ServiceProfile: create, get, list, delete.
#include "bridge/api/common.h"
#include "bridge/api/handlers.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using lns::proto::ServiceProfile;

constexpr std::string_view kKind = "ServiceProfile";

void read_lorawan(const Fields& in, ServiceProfile& profile) {
    profile.set_add_gateway_metadata(in.flag("AddGwMetadata").value_or(false));
    // AWS shows this one and lets nobody set it.
    if (const auto requests = in.number("DevStatusReqFreq", 0, 86'400)) {
        profile.set_device_status_requests_per_day(static_cast<std::uint32_t>(*requests));
    }
    const auto lowest = in.number("DrMin", 0, 15), highest = in.number("DrMax", 0, 15);
    if (lowest) profile.set_min_data_rate(static_cast<std::uint32_t>(*lowest));
    if (highest) profile.set_max_data_rate(static_cast<std::uint32_t>(*highest));
    if (lowest && highest && *lowest > *highest) in.wrong("DrMin", "must not be above DrMax");
}

// What AWS tells of limits that a network owner here does not have, and what is in force.
json::object lorawan_of(const ServiceProfile& profile) {
    json::object out{{"AddGwMetadata", profile.add_gateway_metadata()},
                     {"DevStatusReqFreq", profile.device_status_requests_per_day()},
                     {"PrAllowed", false},
                     {"HrAllowed", false},
                     {"RaAllowed", false},
                     {"NwkGeoLoc", false}};
    if (profile.has_min_data_rate()) out["DrMin"] = profile.min_data_rate();
    if (profile.has_max_data_rate()) out["DrMax"] = profile.max_data_rate();
    return out;
}

json::object summary_of(const ServiceProfile& profile) {
    return {{"Arn", profile.arn()}, {"Name", profile.name()}, {"Id", profile.id()}};
}

}  // namespace

Outcome create_service_profile(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);

    ServiceProfile profile;
    profile.set_name(body.text("Name").value_or(""));
    read_tags(body, *profile.mutable_tags());
    if (const auto lorawan = body.object("LoRaWAN")) read_lorawan(*lorawan, profile);
    profile.set_id(new_id(context, "CreateServiceProfile", token_of(body)));
    if (problems.any()) return fail(validation(problems.text()));

    profile.set_arn(arn_of(context.config, "iotwireless", kKind, profile.id()));
    if (context.registry.service_profile(profile.id())) {
        return created(profile.arn(), profile.id(), 0);
    }
    const auto position = context.registry.create(profile);
    if (!position) return fail(refusal(position.error(), kKind, profile.id()));
    return created(profile.arn(), profile.id(), *position);
}

Outcome get_service_profile(Context& context, const Call& call) {
    const auto profile = context.registry.service_profile(call.label("Id"));
    if (!profile) return fail(not_found(kKind, call.label("Id")));
    json::object body = summary_of(*profile);
    body["LoRaWAN"] = lorawan_of(*profile);
    return reply_with(body);
}

Outcome list_service_profiles(Context& context, const Call& call) {
    const auto page = page_of(call, kMaxPage);
    if (!page) return fail(page.error());
    json::array rows;
    PageWriter writer(*page, rows);
    context.registry.service_profiles(page->after, [&](const ServiceProfile& profile) {
        if (!writer.wants_more()) return false;
        writer.add(profile.id(), summary_of(profile));
        return true;
    });
    json::object body;
    writer.finish(body);
    body["ServiceProfileList"] = std::move(rows);
    return reply_with(body);
}

Outcome delete_service_profile(Context& context, const Call& call) {
    const auto position = context.registry.erase_service_profile(call.label("Id"));
    if (!position) return fail(refusal(position.error(), kKind, call.label("Id")));
    return Reply{.wait_for = *position};
}

}  // namespace helio::bridge::api
