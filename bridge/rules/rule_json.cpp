#include "bridge/rules/rule_json.h"

#include "bridge/integration/json_text.h"

#include <boost/json.hpp>

namespace helio::bridge::rules {
namespace {

namespace json = boost::json;

tl::unexpected<RuleError> wrong(std::string message) {
    return fail(RuleError{RuleError::Kind::bad_request, std::move(message)});
}

// {"kind": {parameters}}
Result<void, RuleError> read_action(const json::value& value,
                                    const std::string& where,
                                    proto::Action& action) {
    const json::object* object = value.if_object();
    if (!object || object->size() != 1) {
        return wrong(where + " must be an object with one member, the kind of action");
    }
    const json::key_value_pair& member = *object->begin();
    if (!member.value().is_object()) {
        return wrong(where + "." + std::string(member.key()) + " must be an object");
    }
    action.set_kind(std::string(member.key()));
    action.set_parameters_json(json::serialize(member.value()));
    return {};
}

Result<void, RuleError> read_text(const json::object& object,
                                  std::string_view name,
                                  std::string& text) {
    const json::value* value = object.if_contains({name.data(), name.size()});
    if (!value || value->is_null()) return {};
    if (!value->is_string()) return wrong(std::string(name) + " must be a string");
    text = std::string(value->get_string().data(), value->get_string().size());
    return {};
}

Result<void, RuleError> read_actions(const json::object& object, proto::Rule& rule) {
    const json::value* actions = object.if_contains("actions");
    if (!actions || !actions->is_array()) return wrong("actions must be an array");
    for (std::size_t i = 0; i < actions->get_array().size(); ++i) {
        const std::string where = "actions[" + std::to_string(i) + "]";
        const auto read = read_action(actions->get_array()[i], where, *rule.add_actions());
        if (!read) return read;
    }
    const json::value* error_action = object.if_contains("errorAction");
    if (!error_action || error_action->is_null()) return {};
    return read_action(*error_action, "errorAction", *rule.mutable_error_action());
}

void append_action(std::string& out, const proto::Action& action) {
    out += '{';
    integration::append_json_string(out, action.kind());
    out += ':';
    out += action.parameters_json();
    out += '}';
}

}  // namespace

Result<proto::Rule, RuleError> parse_topic_rule_payload(std::string_view text) {
    boost::system::error_code error;
    const json::value document = json::parse({text.data(), text.size()}, error);
    const json::object* object = error ? nullptr : document.if_object();
    if (!object) return wrong("the rule must be a JSON object");
    proto::Rule rule;
    auto read = read_text(*object, "sql", *rule.mutable_sql());
    if (read && rule.sql().empty()) read = wrong("sql is missing");
    if (read) read = read_text(*object, "description", *rule.mutable_description());
    if (read) read = read_text(*object, "awsIotSqlVersion", *rule.mutable_sql_version());
    if (read) read = read_actions(*object, rule);
    if (!read) return fail(read.error());
    if (const json::value* disabled = object->if_contains("ruleDisabled")) {
        if (!disabled->is_bool()) return wrong("ruleDisabled must be true or false");
        rule.set_disabled(disabled->get_bool());
    }
    return rule;
}

std::string topic_rule_json(const proto::Rule& rule) {
    using integration::append_json_string;
    std::string out = R"({"ruleName":)";
    append_json_string(out, rule.name());
    out += R"(,"sql":)";
    append_json_string(out, rule.sql());
    if (!rule.description().empty()) {
        out += R"(,"description":)";
        append_json_string(out, rule.description());
    }
    out += R"(,"createdAt":)";
    integration::append_number(out, static_cast<double>(rule.created_at_us() / 1'000) / 1'000);
    out += R"(,"actions":[)";
    for (int i = 0; i < rule.actions_size(); ++i) {
        if (i > 0) out += ',';
        append_action(out, rule.actions(i));
    }
    out += R"(],"ruleDisabled":)";
    integration::append_bool(out, rule.disabled());
    out += R"(,"awsIotSqlVersion":)";
    append_json_string(out, rule.sql_version().empty() ? "2015-10-08" : rule.sql_version());
    if (rule.has_error_action()) {
        out += R"(,"errorAction":)";
        append_action(out, rule.error_action());
    }
    out += '}';
    return out;
}

}  // namespace helio::bridge::rules
