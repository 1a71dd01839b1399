// Destination: where a device's messages go.  Create, get, list, update, delete.
#include "bridge/api/common.h"
#include "bridge/api/handlers.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using lns::proto::Destination;

constexpr std::string_view kKind = "Destination";
constexpr TextRule kExpressionRule{.min = 1, .max = 2048};

// Members that are absent keep their values, so that create and update share it.
void read_members(const Fields& body, Destination& destination) {
    if (const auto type = body.text("ExpressionType")) {
        if (*type == "RuleName") {
            destination.set_expression_type(Destination::RULE_NAME);
        } else if (*type == "MqttTopic") {
            destination.set_expression_type(Destination::MQTT_TOPIC);
        } else {
            body.wrong("ExpressionType", "must be RuleName or MqttTopic");
        }
    }
    if (const auto text = body.text("Expression", kExpressionRule)) {
        destination.set_expression(*text);
    }
    if (const auto text = body.text("RoleArn", {.min = 20, .max = 2048})) {
        destination.set_role_arn(*text);
    }
    if (const auto text = body.text("Description", kDescriptionRule)) {
        destination.set_description(*text);
    }
}

void check_topic(const Fields& body, const Destination& destination) {
    if (destination.expression_type() == Destination::MQTT_TOPIC &&
        destination.expression().find_first_of(std::string_view("+#\0", 3)) != std::string::npos) {
        body.wrong("Expression", "must be a topic without the wildcards '+' and '#'");
    }
}

json::object json_of(const Destination& destination) {
    const bool topic = destination.expression_type() == Destination::MQTT_TOPIC;
    json::object out{{"Arn", destination.arn()},
                     {"Name", destination.name()},
                     {"ExpressionType", topic ? "MqttTopic" : "RuleName"},
                     {"Expression", destination.expression()}};
    if (!destination.description().empty()) out["Description"] = destination.description();
    if (!destination.role_arn().empty()) out["RoleArn"] = destination.role_arn();
    return out;
}

Reply created_destination(const Destination& destination, store::Position wait_for) {
    return reply_with(json::object{{"Arn", destination.arn()}, {"Name", destination.name()}},
                      wait_for);
}

}  // namespace

Outcome create_destination(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);

    Destination destination;
    destination.set_name(
        body.required(body.text("Name", kDestinationNameRule), "Name", "must be a text"));
    if (!body.has("ExpressionType")) {
        body.missing("ExpressionType", "must be RuleName or MqttTopic");
    }
    if (!body.has("Expression")) body.missing("Expression", "must be a rule's name or a topic");
    read_members(body, destination);
    check_topic(body, destination);
    read_tags(body, *destination.mutable_tags());
    destination.set_client_request_token(token_of(body));
    if (problems.any()) return fail(validation(problems.text()));

    destination.set_arn(arn_of(context.config, "iotwireless", kKind, destination.name()));
    const auto before = context.registry.destination(destination.name());
    if (before && !destination.client_request_token().empty() &&
        before->client_request_token() == destination.client_request_token()) {
        return created_destination(*before, 0);
    }
    const auto position = context.registry.create(destination);
    if (!position) return fail(refusal(position.error(), kKind, destination.name()));
    return created_destination(destination, *position);
}

Outcome get_destination(Context& context, const Call& call) {
    const auto destination = context.registry.destination(call.label("Name"));
    if (!destination) return fail(not_found(kKind, call.label("Name")));
    return reply_with(json_of(*destination));
}

Outcome list_destinations(Context& context, const Call& call) {
    const auto page = page_of(call, kMaxPage);
    if (!page) return fail(page.error());
    json::array rows;
    PageWriter writer(*page, rows);
    context.registry.destinations(page->after, [&](const Destination& destination) {
        if (!writer.wants_more()) return false;
        writer.add(destination.name(), json_of(destination));
        return true;
    });
    json::object body;
    writer.finish(body);
    body["DestinationList"] = std::move(rows);
    return reply_with(body);
}

Outcome update_destination(Context& context, const Call& call) {
    auto destination = context.registry.destination(call.label("Name"));
    if (!destination) return fail(not_found(kKind, call.label("Name")));
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    read_members(body, *destination);
    check_topic(body, *destination);
    if (problems.any()) return fail(validation(problems.text()));

    const auto position = context.registry.update(*destination);
    if (!position) return fail(refusal(position.error(), kKind, destination->name()));
    return Reply{.wait_for = *position};
}

Outcome delete_destination(Context& context, const Call& call) {
    const auto position = context.registry.erase_destination(call.label("Name"));
    if (!position) return fail(refusal(position.error(), kKind, call.label("Name")));
    return Reply{.wait_for = *position};
}

}  // namespace helio::bridge::api
