// Static thing groups and the things in them.
#include "bridge/api/registry_common.h"
#include "bridge/api/registry_handlers.h"

#include <algorithm>
#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
namespace proto = registry::proto;

constexpr std::size_t kMaxGroupsInCall = 100;

std::string arn_of_group(const Context& context, const std::string& name) {
    return context.iot.place().arn("thinggroup", name);
}

json::object group_json(const Context& context, const std::string& name) {
    return {{"groupName", name}, {"groupArn", arn_of_group(context, name)}};
}

struct Properties {
    std::optional<std::string> description;
    registry::AttributesChange attributes;
};
std::optional<Properties> read_properties(const Fields& body) {
    const auto in = body.object("thingGroupProperties");
    if (!in) return std::nullopt;
    return Properties{.description = in->text("thingGroupDescription", kRegistryDescriptionRule),
                      .attributes = attribute_payload(*in)};
}

json::object properties_json(const proto::ThingGroup& group) {
    json::object out;
    if (!group.description().empty()) out["thingGroupDescription"] = group.description();
    if (!group.attributes().empty()) {
        out["attributePayload"] = json::object{{"attributes", json_of(group.attributes())}};
    }
    return out;
}

// A name, or the name in an ARN; both may be given where they agree.
std::string name_or_arn(const Context& context,
                        const Fields& body,
                        std::string_view name_member,
                        std::string_view arn_member,
                        std::string_view type) {
    const auto name = body.text(name_member, kThingNameRule);
    const auto arn = body.text(arn_member, {.max = 2048});
    if (!arn) return body.required(name, name_member, "must be a name");
    const auto in_arn = context.iot.place().name_in(*arn, type);
    if (!in_arn || (name && *in_arn != *name)) {
        body.wrong(arn_member, "must be an ARN of this server, and of that name");
    }
    return in_arn.value_or("");
}

struct Membership {
    std::string group, thing;
};
Result<Membership, ApiError> read_membership(const Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    Membership out{
        .group = name_or_arn(context, body, "thingGroupName", "thingGroupArn", "thinggroup"),
        .thing = name_or_arn(context, body, "thingName", "thingArn", "thing")};
    body.flag("overrideDynamicGroups");
    if (problems.any()) return fail(invalid_request(problems.text()));
    return out;
}

Outcome list_of_groups(const Context& context,
                       const std::vector<std::string>& names,
                       const ListPage& page) {
    json::object body;
    put_page(
        body,
        "thingGroups",
        names,
        page,
        [](const std::string& name) { return name; },
        [&](const std::string& name) { return group_json(context, name); });
    return reply_with(body);
}

}  // namespace

Outcome create_thing_group(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    registry::NewThingGroup group{.name = call.label("thingGroupName")};
    group.parent = body.text("parentGroupName", kThingNameRule).value_or("");
    if (auto properties = read_properties(body)) {
        group.description = properties->description.value_or("");
        group.attributes =
            std::move(properties->attributes.attributes).value_or(registry::Attributes());
    }
    group.tags = iot_tags(body);
    if (problems.any()) return fail(invalid_request(problems.text()));
    const auto made = context.iot.groups.create(group, call.now);
    if (!made) return fail(refusal(made.error()));
    return reply_with(json::object{{"thingGroupName", group.name},
                                   {"thingGroupArn", arn_of_group(context, group.name)},
                                   {"thingGroupId", made->group.id()}},
                      made->position);
}

Outcome describe_thing_group(Context& context, const Call& call) {
    const auto group = context.iot.groups.get(call.label("thingGroupName"));
    if (!group) return fail(refusal(group.error()));
    json::object metadata{{"creationDate", epoch_seconds(group->created_at_us())}};
    if (!group->parent().empty()) {
        metadata["parentGroupName"] = group->parent();
        json::array above;
        for (const std::string& name : context.iot.groups.ancestors(group->name())) {
            above.push_back(group_json(context, name));
        }
        metadata["rootToParentThingGroups"] = std::move(above);
    }
    return reply_with(json::object{{"thingGroupName", group->name()},
                                   {"thingGroupId", group->id()},
                                   {"thingGroupArn", arn_of_group(context, group->name())},
                                   {"version", group->version()},
                                   {"thingGroupProperties", properties_json(*group)},
                                   {"thingGroupMetadata", std::move(metadata)}});
}

Outcome update_thing_group(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    registry::ThingGroupChange change;
    if (!body.has("thingGroupProperties")) {
        body.missing("thingGroupProperties", "must be an object");
    }
    if (auto properties = read_properties(body)) {
        change.description = std::move(properties->description);
        change.attributes = std::move(properties->attributes);
    }
    if (const auto version = body.number("expectedVersion", 0, INT64_MAX)) {
        change.expected_version = static_cast<std::uint64_t>(*version);
    }
    if (problems.any()) return fail(invalid_request(problems.text()));
    const auto made = context.iot.groups.update(call.label("thingGroupName"), change);
    if (!made) return fail(refusal(made.error()));
    return reply_with(json::object{{"version", made->group.version()}}, made->position);
}

Outcome delete_thing_group(Context& context, const Call& call) {
    const auto expected = number_of(call, "expectedVersion");
    if (!expected) return fail(expected.error());
    return outcome_of(context.iot.groups.erase(call.label("thingGroupName"), *expected));
}

Outcome list_thing_groups(Context& context, const Call& call) {
    const auto page = token_page(call);
    if (!page) return fail(page.error());
    const auto recursive = flag_of(call, "recursive", true);
    if (!recursive) return fail(recursive.error());
    std::vector<std::string> names;
    if (const auto parent = call.parameter("parentGroup")) {
        const auto group = context.iot.groups.get(std::string(*parent));
        if (!group) return fail(refusal(group.error()));
        using Depth = registry::ThingGroups::Depth;
        names = context.iot.groups.below(group->name(), *recursive ? Depth::all : Depth::children);
        std::ranges::sort(names);
    } else {
        names = context.iot.groups.all();
        if (!*recursive) {
            std::erase_if(names, [&](const std::string& name) {
                return !context.iot.groups.ancestors(name).empty();
            });
        }
    }
    if (const auto prefix = call.parameter("namePrefixFilter")) {
        std::erase_if(names, [&](const std::string& name) { return !name.starts_with(*prefix); });
    }
    return list_of_groups(context, names, *page);
}

Outcome add_thing_to_thing_group(Context& context, const Call& call) {
    const auto membership = read_membership(context, call);
    if (!membership) return fail(membership.error());
    return outcome_of(context.iot.groups.add(membership->group, membership->thing));
}

Outcome remove_thing_from_thing_group(Context& context, const Call& call) {
    const auto membership = read_membership(context, call);
    if (!membership) return fail(membership.error());
    return outcome_of(context.iot.groups.remove(membership->group, membership->thing));
}

Outcome update_thing_groups_for_thing(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const std::string thing =
        body.required(body.text("thingName", kThingNameRule), "thingName", "must be a name");
    const auto groups = [&](std::string_view member) {
        return body.texts(member, kMaxGroupsInCall, kThingNameRule)
            .value_or(std::vector<std::string>());
    };
    const auto add = groups("thingGroupsToAdd");
    const auto remove = groups("thingGroupsToRemove");
    body.flag("overrideDynamicGroups");
    if (problems.any()) return fail(invalid_request(problems.text()));
    return outcome_of(context.iot.groups.change(thing, add, remove));
}

Outcome list_thing_groups_for_thing(Context& context, const Call& call) {
    const auto page = token_page(call);
    if (!page) return fail(page.error());
    const auto thing = context.iot.things.get(call.label("thingName"));
    if (!thing) return fail(refusal(thing.error()));
    return list_of_groups(context, context.iot.groups.groups_of(thing->name()), *page);
}

Outcome list_things_in_thing_group(Context& context, const Call& call) {
    const auto page = token_page(call);
    if (!page) return fail(page.error());
    const auto recursive = flag_of(call, "recursive");
    if (!recursive) return fail(recursive.error());
    const auto group = context.iot.groups.get(call.label("thingGroupName"));
    if (!group) return fail(refusal(group.error()));
    json::object body;
    json::array rows;
    // A thing is in one group of a tree only, so that none comes twice; the token says in which
    // group the page ended.
    std::vector<std::string> groups{group->name()};
    if (*recursive) {
        const auto below =
            context.iot.groups.below(group->name(), registry::ThingGroups::Depth::all);
        groups.insert(groups.end(), below.begin(), below.end());
    }
    const std::size_t bar = page->after.find('/');
    std::string after = bar == std::string::npos ? "" : page->after.substr(bar + 1);
    auto at = std::ranges::find(groups, page->after.substr(0, bar));
    if (at == groups.end()) at = groups.begin();
    for (; at != groups.end(); ++at, after.clear()) {
        for (const auto& thing :
             context.iot.groups.things_in(*at, after, page->size - rows.size())) {
            rows.push_back(json::value(thing));
            after = thing;
        }
        if (rows.size() == page->size) {
            set_next(body, *page, *at + "/" + after);
            break;
        }
    }
    body["things"] = std::move(rows);
    return reply_with(body);
}

}  // namespace helio::bridge::api
