// Things, and the principals at them.
#include "bridge/api/registry_common.h"
#include "bridge/api/registry_handlers.h"
#include "bridge/registry/attachments.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
namespace proto = registry::proto;
using registry::Bond;
using registry::Things;

constexpr std::string_view kPrincipalHeader = "x-amzn-principal";

std::string arn_of_thing(const Context& context, const std::string& name) {
    return context.iot.place().arn("thing", name);
}

// What describe and list have in common.
json::object json_of_thing(const Context& context, const proto::Thing& thing) {
    json::object out{{"thingName", thing.name()},
                     {"thingArn", arn_of_thing(context, thing.name())},
                     {"attributes", json_of(thing.attributes())},
                     {"version", thing.version()}};
    if (!thing.type().empty()) out["thingTypeName"] = thing.type();
    return out;
}

Result<registry::Target, ApiError> principal_in(const Context& context, const Call& call) {
    const auto arn = header_of(call, kPrincipalHeader);
    if (!arn) return fail(arn.error());
    return target_of(context, *arn);
}

bool has_attribute(const proto::Thing& thing,
                   std::string_view name,
                   const std::optional<std::string_view>& value,
                   bool prefix) {
    const auto found = thing.attributes().find(std::string(name));
    if (found == thing.attributes().end()) return false;
    if (!value) return true;
    return prefix ? found->second.starts_with(*value) : found->second == *value;
}

std::string_view name_of(Bond bond) {
    return bond == Bond::exclusive ? "EXCLUSIVE_THING" : "NON_EXCLUSIVE_THING";
}

// Those of `thingPrincipalType`, where it is there.
template <class Row>
Result<void, ApiError> keep_wanted(const Call& call, std::vector<Row>& rows) {
    const auto type = call.parameter("thingPrincipalType");
    if (!type) return {};
    if (*type != name_of(Bond::exclusive) && *type != name_of(Bond::shared)) {
        return fail(
            invalid_request("thingPrincipalType must be EXCLUSIVE_THING or NON_EXCLUSIVE_THING."));
    }
    std::erase_if(rows, [&](const Row& row) { return name_of(row.bond) != *type; });
    return {};
}

template <class JsonOf>
Outcome principals_page(const Context& context,
                        const Call& call,
                        std::string_view name,
                        const JsonOf& json_of) {
    const auto page = token_page(call);
    if (!page) return fail(page.error());
    const auto thing = context.iot.things.get(call.label("thingName"));
    if (!thing) return fail(refusal(thing.error()));
    auto attached = context.iot.things.principals_of(thing->name());
    if (const auto kept = keep_wanted(call, attached); !kept) return fail(kept.error());
    const auto arn = [&](const Things::Attached& one) {
        return arn_of(context.iot.place(), one.principal);
    };
    json::object body;
    put_page(body, name, std::move(attached), *page, arn, [&](const Things::Attached& one) {
        return json_of(arn(one), one.bond);
    });
    return reply_with(body);
}

template <class JsonOf>
Outcome things_page(const Context& context,
                    const Call& call,
                    std::string_view name,
                    const JsonOf& json_of) {
    const auto page = token_page(call);
    if (!page) return fail(page.error());
    const auto principal = principal_in(context, call);
    if (!principal) return fail(principal.error());
    if (!registry::is_there(context.store, *principal)) {
        return fail(refusal(
            registry::Error{registry::Error::Kind::not_found,
                            "There is no " + arn_of(context.iot.place(), *principal) + "."}));
    }
    auto attached = context.iot.things.things_of(*principal);
    if (const auto kept = keep_wanted(call, attached); !kept) return fail(kept.error());
    json::object body;
    put_page(
        body,
        name,
        std::move(attached),
        *page,
        [](const Things::AttachedTo& one) { return one.thing; },
        json_of);
    return reply_with(body);
}

}  // namespace

Outcome create_thing(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    registry::NewThing thing{.name = call.label("thingName")};
    thing.type = body.text("thingTypeName", kThingNameRule).value_or("");
    thing.billing_group = body.text("billingGroupName", kThingNameRule).value_or("");
    thing.attributes = attribute_payload(body).attributes.value_or(registry::Attributes());
    if (problems.any()) return fail(invalid_request(problems.text()));
    if (!thing.billing_group.empty()) {
        return fail(refusal(registry::Error{
            registry::Error::Kind::not_found,
            "There is no billing group \"" + thing.billing_group + "\": there are none here."}));
    }
    const auto made = context.iot.things.create(thing, call.now);
    if (!made) return fail(refusal(made.error()));
    return reply_with(json::object{{"thingName", thing.name},
                                   {"thingArn", arn_of_thing(context, thing.name)},
                                   {"thingId", made->thing.id()}},
                      made->position);
}

Outcome describe_thing(Context& context, const Call& call) {
    const auto thing = context.iot.things.get(call.label("thingName"));
    if (!thing) return fail(refusal(thing.error()));
    json::object body = json_of_thing(context, *thing);
    body["defaultClientId"] = thing->name();
    body["thingId"] = thing->id();
    if (!thing->billing_group().empty()) body["billingGroupName"] = thing->billing_group();
    return reply_with(body);
}

Outcome update_thing(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    registry::ThingChange change;
    change.type = body.text("thingTypeName", kThingNameRule);
    if (body.flag("removeThingType").value_or(false)) {
        if (change.type)
            body.wrong("removeThingType", "must be false where thingTypeName is given");
        change.type = "";
    }
    change.attributes = attribute_payload(body);
    if (const auto version = body.number("expectedVersion", 0, INT64_MAX)) {
        change.expected_version = static_cast<std::uint64_t>(*version);
    }
    if (problems.any()) return fail(invalid_request(problems.text()));
    return outcome_of(context.iot.things.update(call.label("thingName"), change));
}

Outcome delete_thing(Context& context, const Call& call) {
    const auto expected = number_of(call, "expectedVersion");
    if (!expected) return fail(expected.error());
    return outcome_of(context.iot.things.erase(call.label("thingName"), *expected));
}

Outcome list_things(Context& context, const Call& call) {
    const auto page = token_page(call);
    if (!page) return fail(page.error());
    const auto prefix = flag_of(call, "usePrefixAttributeValue");
    if (!prefix) return fail(prefix.error());
    const auto type = call.parameter("thingTypeName");
    const auto attribute = call.parameter("attributeName");
    const auto value = call.parameter("attributeValue");
    const auto wanted = [&](const proto::Thing& thing) {
        return (!type || thing.type() == *type) &&
               (!attribute || has_attribute(thing, *attribute, value, *prefix));
    };
    const auto found = context.iot.things.list(
        page->after.empty() ? std::nullopt : std::optional(page->after), page->size, wanted);
    json::array rows;
    for (const auto& thing : found.rows) rows.push_back(json_of_thing(context, thing));
    json::object body{{"things", std::move(rows)}};
    if (found.next) set_next(body, *page, *found.next);
    return reply_with(body);
}

Outcome attach_thing_principal(Context& context, const Call& call) {
    const auto principal = principal_in(context, call);
    if (!principal) return fail(principal.error());
    const auto type = call.parameter("thingPrincipalType").value_or("NON_EXCLUSIVE_THING");
    if (type != "NON_EXCLUSIVE_THING" && type != "EXCLUSIVE_THING") {
        return fail(
            invalid_request("thingPrincipalType must be EXCLUSIVE_THING or NON_EXCLUSIVE_THING."));
    }
    return outcome_of(
        context.iot.things.attach(call.label("thingName"),
                                  *principal,
                                  type == "EXCLUSIVE_THING" ? Bond::exclusive : Bond::shared));
}

Outcome detach_thing_principal(Context& context, const Call& call) {
    const auto principal = principal_in(context, call);
    if (!principal) return fail(principal.error());
    return outcome_of(context.iot.things.detach(call.label("thingName"), *principal));
}

Outcome list_thing_principals(Context& context, const Call& call) {
    return principals_page(
        context, call, "principals", [](const std::string& arn, Bond) { return json::value(arn); });
}

Outcome list_thing_principals_v2(Context& context, const Call& call) {
    return principals_page(
        context, call, "thingPrincipalObjects", [](const std::string& arn, Bond bond) {
            return json::value{{"principal", arn}, {"thingPrincipalType", name_of(bond)}};
        });
}

Outcome list_principal_things(Context& context, const Call& call) {
    return things_page(context, call, "things", [](const Things::AttachedTo& one) {
        return json::value(one.thing);
    });
}

Outcome list_principal_things_v2(Context& context, const Call& call) {
    return things_page(context, call, "principalThingObjects", [](const Things::AttachedTo& one) {
        return json::value{{"thingName", one.thing}, {"thingPrincipalType", name_of(one.bond)}};
    });
}

}  // namespace helio::bridge::api
