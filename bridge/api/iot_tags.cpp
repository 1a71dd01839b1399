// Tags of what the service `iot` has: lower-case members, keys to remove in the body.
#include "bridge/api/handlers.h"
#include "bridge/api/registry_common.h"
#include "bridge/identity/authorizers/authorizer_set.h"
#include "bridge/rules/proto/rule.pb.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using registry::CertificateId;
using registry::Tags;
using Read = std::optional<Tags>;                   // absent where there is no such resource
using Written = Result<store::Position, ApiError>;  // of one that is there

// A kind of resource that has tags, as ARNs name it.
struct Kind {
    std::string_view type;
    Read (*read)(const Context& context, const std::string& name);
    Written (*write)(Context& context, const std::string& name, const Tags& tags, Instant now);
};

template <class Record>
Read tags_of(const Record& record) {
    if (!record) return std::nullopt;
    return Tags(record->tags().begin(), record->tags().end());
}

template <class Changed>
Written written(const Changed& changed) {
    if (!changed) return fail(refusal(changed.error()));
    return *changed;
}

constexpr Kind kKinds[] = {
    {"rule",
     [](const Context& c, const std::string& name) { return tags_of(c.rules.find(name)); },
     [](Context& c, const std::string& name, const Tags& tags, Instant) {
         return written(c.rules.set_tags(name, tags));
     }},
    {"policy",
     [](const Context& c, const std::string& name) { return tags_of(c.iot.policies.get(name)); },
     [](Context& c, const std::string& name, const Tags& tags, Instant) {
         return written(c.iot.policies.set_tags(name, tags));
     }},
    {"thinggroup",
     [](const Context& c, const std::string& name) { return tags_of(c.iot.groups.get(name)); },
     [](Context& c, const std::string& name, const Tags& tags, Instant) {
         return written(c.iot.groups.set_tags(name, tags));
     }},
    {"thingtype",
     [](const Context& c, const std::string& name) { return tags_of(c.iot.types.get(name)); },
     [](Context& c, const std::string& name, const Tags& tags, Instant) {
         return written(c.iot.types.set_tags(name, tags));
     }},
    {"cacert",
     [](const Context& c, const std::string& name) {
         const auto id = CertificateId::from_hex(name);
         return id ? tags_of(c.iot.authorities.find(*id)) : std::nullopt;
     },
     [](Context& c, const std::string& name, const Tags& tags, Instant) {
         return written(c.iot.authorities.set_tags(*CertificateId::from_hex(name), tags));
     }},
    {"authorizer",
     [](const Context& c, const std::string& name) { return tags_of(c.authorizers->find(name)); },
     [](Context& c, const std::string& name, const Tags& tags, Instant now) {
         auto record = *c.authorizers->find(name);
         *record.mutable_tags() = {tags.begin(), tags.end()};
         return written(c.authorizers->update(std::move(record), now));
     }},
};

struct Resource {
    const Kind* kind;
    std::string name;
    Tags tags;
};

// The resource of an ARN, or why there is none.
Result<Resource, ApiError> find(const Context& context, std::string_view arn) {
    for (const Kind& kind : kKinds) {
        const auto name = context.iot.place().name_in(arn, kind.type);
        if (!name) continue;
        if (auto tags = kind.read(context, *name)) return Resource{&kind, *name, *std::move(tags)};
    }
    if (!arn.starts_with("arn:")) {
        return fail(invalid_request("resourceArn must be the ARN of a resource."));
    }
    return fail(refusal(registry::Error{
        registry::Error::Kind::not_found,
        fmt::format("There is no rule, policy, thing group, thing type, CA certificate or "
                    "authorizer \"{}\".",
                    arn)}));
}

std::string arn_in(const Fields& body) {
    return body.required(
        body.text("resourceArn", {.min = 1, .max = 2048}), "resourceArn", "must be an ARN");
}

// Reads the body, lets `change` alter the tags, and stores them.
template <class Change>
Outcome change_tags(Context& context, const Call& call, const Change& change) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const std::string arn = arn_in(body);
    Tags fresh;
    std::vector<std::string> gone;
    change(body, fresh, gone);
    if (problems.any()) return fail(invalid_request(problems.text()));

    auto resource = find(context, arn);
    if (!resource) return fail(resource.error());
    Tags& tags = resource->tags;
    for (const auto& [key, value] : fresh) tags[key] = value;
    for (const std::string& key : gone) tags.erase(key);
    if (tags.size() > kMaxTagsOfResource) {
        return fail(refusal(
            registry::Error{registry::Error::Kind::limit_exceeded,
                            fmt::format("A resource has at most {} tags: remove some first.",
                                        kMaxTagsOfResource)}));
    }
    const auto position = resource->kind->write(context, resource->name, tags, call.now);
    if (!position) return fail(position.error());
    return Reply{.wait_for = *position};
}

}  // namespace

Outcome tag_iot_resource(Context& context, const Call& call) {
    return change_tags(context, call, [](const Fields& body, Tags& fresh, auto&) {
        if (!body.has("tags")) body.missing("tags", "must be a list of objects with Key and Value");
        fresh = iot_tags(body);
    });
}

Outcome untag_iot_resource(Context& context, const Call& call) {
    return change_tags(context, call, [](const Fields& body, Tags&, auto& gone) {
        if (!body.has("tagKeys")) body.missing("tagKeys", "must be a list of texts");
        gone = body.texts("tagKeys", kMaxTagsOfResource, kTagKeyRule)
                   .value_or(std::vector<std::string>());
    });
}

Outcome list_tags_of_iot_resource(Context& context, const Call& call) {
    const auto resource = find(context, call.parameter("resourceArn").value_or(""));
    if (!resource) return fail(resource.error());
    json::array rows;
    for (const auto& [key, value] : resource->tags) {
        rows.push_back(json::object{{"Key", key}, {"Value", value}});
    }
    return reply_with(json::object{{"tags", std::move(rows)}});
}

}  // namespace helio::bridge::api
