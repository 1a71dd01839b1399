// Thing types: create, describe, list, deprecate, delete.
#include "bridge/api/registry_common.h"
#include "bridge/api/registry_handlers.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
namespace proto = registry::proto;

bool is_attribute_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.,@/:#-").find(c) != std::string_view::npos;
}
constexpr TextRule kAttributeNameRule{.min = 1,
                                      .max = 128,
                                      .allowed = is_attribute_name_character,
                                      .alphabet = "letters, digits and _.,@/:#-"};
constexpr std::size_t kMaxSearchable = 3;

json::object json_of_type(const Context& context, const proto::ThingType& type) {
    json::array searchable;
    for (const auto& name : type.searchable_attributes()) searchable.emplace_back(name);
    json::object metadata{{"deprecated", type.deprecated()},
                          {"creationDate", epoch_seconds(type.created_at_us())}};
    if (type.deprecated()) metadata["deprecationDate"] = epoch_seconds(type.deprecated_at_us());
    return {{"thingTypeName", type.name()},
            {"thingTypeArn", context.iot.place().arn("thingtype", type.name())},
            {"thingTypeProperties",
             json::object{{"thingTypeDescription", type.description()},
                          {"searchableAttributes", std::move(searchable)}}},
            {"thingTypeMetadata", std::move(metadata)}};
}

}  // namespace

Outcome create_thing_type(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    registry::NewThingType type{.name = call.label("thingTypeName")};
    if (const auto in = body.object("thingTypeProperties")) {
        type.description = in->text("thingTypeDescription", kRegistryDescriptionRule).value_or("");
        type.searchable_attributes =
            in->texts("searchableAttributes", kMaxSearchable, kAttributeNameRule)
                .value_or(std::vector<std::string>());
    }
    type.tags = iot_tags(body);
    if (problems.any()) return fail(invalid_request(problems.text()));
    const auto made = context.iot.types.create(type, call.now);
    if (!made) return fail(refusal(made.error()));
    return reply_with(
        json::object{{"thingTypeName", type.name},
                     {"thingTypeArn", context.iot.place().arn("thingtype", type.name)},
                     {"thingTypeId", made->type.id()}},
        made->position);
}

Outcome describe_thing_type(Context& context, const Call& call) {
    const auto type = context.iot.types.get(call.label("thingTypeName"));
    if (!type) return fail(refusal(type.error()));
    json::object body = json_of_type(context, *type);
    body["thingTypeId"] = type->id();
    return reply_with(body);
}

Outcome list_thing_types(Context& context, const Call& call) {
    const auto page = token_page(call);
    if (!page) return fail(page.error());
    std::vector<proto::ThingType> types;
    if (const auto name = call.parameter("thingTypeName")) {
        if (auto type = context.iot.types.get(std::string(*name))) types.push_back(*type);
    } else {
        types = context.iot.types.list(page->after, page->size + 1);
    }
    json::array rows;
    json::object body;
    for (const auto& type : types) {
        if (rows.size() == page->size) {
            set_next(body, *page, types[rows.size() - 1].name());
            break;
        }
        rows.push_back(json_of_type(context, type));
    }
    body["thingTypes"] = std::move(rows);
    return reply_with(body);
}

Outcome deprecate_thing_type(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const bool undo = Fields(*input, "", problems).flag("undoDeprecate").value_or(false);
    if (problems.any()) return fail(invalid_request(problems.text()));
    return outcome_of(
        context.iot.types.set_deprecated(call.label("thingTypeName"), !undo, call.now));
}

Outcome delete_thing_type(Context& context, const Call& call) {
    return outcome_of(context.iot.types.erase(call.label("thingTypeName"), call.now));
}

}  // namespace helio::bridge::api
