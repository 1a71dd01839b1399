// Tags of every kind of resource, addressed by ARN.
#include "bridge/api/common.h"
#include "bridge/api/handlers.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;

struct Resource {
    std::string arn;
    std::string kind;
    std::string name;
};

// "arn:aws:iotwireless:REGION:ACCOUNT:KIND/NAME"
Result<Resource, ApiError> resource_of(const Call& call) {
    const std::string_view arn = call.parameter("resourceArn").value_or("");
    std::string_view rest = arn;
    for (int colons = 0; colons < 5; ++colons) {
        const std::size_t colon = rest.find(':');
        if (colon == std::string_view::npos) {
            return fail(validation("ResourceArn must be the Arn of a resource."));
        }
        rest.remove_prefix(colon + 1);
    }
    const std::size_t slash = rest.find('/');
    if (!arn.starts_with("arn:") || slash == std::string_view::npos) {
        return fail(validation("ResourceArn must be the Arn of a resource."));
    }
    return Resource{
        std::string(arn), std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1))};
}

// Calls `change(tags)` on the resource of the registry; a refused change stores nothing.  Where
// `change` answers false, the record is only read.
template <class Change>
Outcome with_record(Context& context, const Resource& resource, const Change& change) {
    const auto apply = [&](auto record) -> Outcome {
        if (!record || record->arn() != resource.arn)
            return fail(not_found(resource.kind, resource.name));
        const Result<bool, ApiError> changed = change(*record->mutable_tags());
        if (!changed) return fail(changed.error());
        if (!*changed) return Reply{};
        const auto position = context.registry.update(*record);
        if (!position) return fail(refusal(position.error(), resource.kind, resource.name));
        return Reply{.wait_for = *position};
    };
    const std::string_view name = resource.name;
    if (resource.kind == "WirelessDevice") return apply(context.registry.device(name));
    if (resource.kind == "WirelessGateway") return apply(context.registry.gateway(name));
    if (resource.kind == "DeviceProfile") return apply(context.registry.device_profile(name));
    if (resource.kind == "ServiceProfile") return apply(context.registry.service_profile(name));
    if (resource.kind == "Destination") return apply(context.registry.destination(name));
    return fail(not_found(resource.kind, resource.name));
}

}  // namespace

Outcome tag_resource(Context& context, const Call& call) {
    const auto resource = resource_of(call);
    if (!resource) return fail(resource.error());
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    TagMap fresh;
    if (!body.has("Tags")) body.missing("Tags", "must be a list of objects with Key and Value");
    read_tags(body, fresh);
    if (problems.any()) return fail(validation(problems.text()));

    return with_record(context, *resource, [&](TagMap& tags) -> Result<bool, ApiError> {
        for (const auto& [key, value] : fresh) tags[key] = value;
        if (tags.size() > kMaxTagsOfResource) {
            return fail(too_many_tags(fmt::format(
                "A resource has at most {} tags: remove some first.", kMaxTagsOfResource)));
        }
        return true;
    });
}

Outcome untag_resource(Context& context, const Call& call) {
    const auto resource = resource_of(call);
    if (!resource) return fail(resource.error());
    const auto keys = call.parameters("tagKeys");
    if (keys.empty()) return fail(validation("TagKeys must name the tags to remove."));
    return with_record(context, *resource, [&](TagMap& tags) -> Result<bool, ApiError> {
        for (const std::string_view key : keys) tags.erase(std::string(key));
        return true;
    });
}

Outcome list_tags_for_resource(Context& context, const Call& call) {
    const auto resource = resource_of(call);
    if (!resource) return fail(resource.error());
    std::map<std::string, std::string> sorted;
    auto read = with_record(context, *resource, [&](TagMap& tags) -> Result<bool, ApiError> {
        sorted.insert(tags.begin(), tags.end());
        return false;
    });
    if (!read) return read;
    json::array rows;
    for (const auto& [key, value] : sorted) {
        rows.push_back(json::object{{"Key", key}, {"Value", value}});
    }
    return reply_with(json::object{{"Tags", std::move(rows)}});
}

}  // namespace helio::bridge::api
