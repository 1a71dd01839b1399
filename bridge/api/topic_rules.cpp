// Topic rules of the service `iot`, and a trial of an SQL statement without a rule.
#include "bridge/api/common.h"
#include "bridge/api/handlers.h"
#include "bridge/mqtt/packet/utf8.h"
#include "bridge/rules/proto/rule.pb.h"
#include "bridge/rules/rule_json.h"
#include "bridge/rules/test_rule.h"
#include "crypto/sigv4.h"

#include <algorithm>
#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using rules::proto::Rule;

constexpr std::size_t kMaxRules = 10'000;  // AWS's largest maxResults here
constexpr std::size_t kMaxTestBytes = 128 * 1024;

ApiError no_rule(std::string_view name) {
    return refusal(rules::RuleError{rules::RuleError::Kind::not_found,
                                    "There is no topic rule \"" + std::string(name) + "\"."});
}

// The header x-amz-tagging: "key=value&key2=value2", percent-encoded.
Result<void, ApiError> read_tagging(std::string_view text, Rule& rule) {
    while (!text.empty()) {
        const std::string_view part = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), part.size() + 1));
        const std::size_t equals = std::min(part.find('='), part.size());
        const auto key = crypto::sigv4::uri_decode(part.substr(0, equals));
        const auto value =
            crypto::sigv4::uri_decode(part.substr(std::min(part.size(), equals + 1)));
        if (!key || !value || key->empty() || !mqtt::is_mqtt_utf8(*key) ||
            !mqtt::is_mqtt_utf8(*value)) {
            return fail(invalid_request("tags must be key=value pairs joined by '&'."));
        }
        (*rule.mutable_tags())[*key] = *value;
    }
    return {};
}

Outcome finish(const Result<store::Position, rules::RuleError>& position) {
    if (!position) return fail(refusal(position.error()));
    return Reply{.wait_for = *position};
}

// iot's times are seconds since 1970, as numbers.
double seconds_of(std::int64_t us) { return static_cast<double>(us / 1000) / 1000; }

}  // namespace

Outcome create_topic_rule(Context& context, const Call& call) {
    auto rule = rules::parse_topic_rule_payload(call.request.body);
    if (!rule) return fail(refusal(rule.error()));
    const auto tags = read_tagging(call.request.header("x-amz-tagging").value_or(""), *rule);
    if (!tags) return fail(tags.error());
    return finish(context.rules.create(call.label("ruleName"), *std::move(rule), call.now));
}

Outcome get_topic_rule(Context& context, const Call& call) {
    const std::string& name = call.label("ruleName");
    const Rule* rule = context.rules.find(name);
    if (rule == nullptr) return fail(no_rule(name));
    std::string body = R"({"ruleArn":)" + json::serialize(json::string(context.rules.arn(name)));
    body += R"(,"rule":)" + rules::topic_rule_json(*rule) + '}';
    return Reply{.body = std::move(body)};
}

Outcome list_topic_rules(Context& context, const Call& call) {
    const auto page = page_of(call, kMaxRules);
    if (!page) return fail(invalid_request(page.error().message));
    if (call.parameter("maxResults") == "0") {
        return fail(invalid_request("maxResults must be a whole number from 1 to 10000."));
    }
    const auto disabled = call.parameter("ruleDisabled");
    if (disabled && disabled != "true" && disabled != "false") {
        return fail(invalid_request("ruleDisabled must be true or false."));
    }
    rules::RuleEngine::Query query{.after = page->after, .count = page->size + 1};
    query.topic = call.parameter("topic");
    if (disabled) query.disabled = disabled == "true";

    auto found = context.rules.list(query);
    json::object body;
    if (found.size() > page->size) {
        found.pop_back();
        body["nextToken"] = found.back()->name();
    }
    json::array rows;
    for (const Rule* rule : found) {
        rows.push_back(json::object{{"ruleArn", context.rules.arn(rule->name())},
                                    {"ruleName", rule->name()},
                                    {"topicPattern", context.rules.topic_pattern(rule->name())},
                                    {"createdAt", seconds_of(rule->created_at_us())},
                                    {"ruleDisabled", rule->disabled()}});
    }
    body["rules"] = std::move(rows);
    return reply_with(body);
}

Outcome replace_topic_rule(Context& context, const Call& call) {
    auto rule = rules::parse_topic_rule_payload(call.request.body);
    if (!rule) return fail(refusal(rule.error()));
    return finish(context.rules.replace(call.label("ruleName"), *std::move(rule)));
}

Outcome delete_topic_rule(Context& context, const Call& call) {
    return finish(context.rules.remove(call.label("ruleName")));
}

Outcome enable_topic_rule(Context& context, const Call& call) {
    return finish(context.rules.set_enabled(call.label("ruleName"), true));
}

Outcome disable_topic_rule(Context& context, const Call& call) {
    return finish(context.rules.set_enabled(call.label("ruleName"), false));
}

// {"sql" or "ruleName", "awsIotSqlVersion", "topic", "payload"} -> {"topicMatches", "selected",
// "output"}
Outcome test_topic_rule(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    std::string sql = body.text("sql", {.min = 1, .max = 16'384}).value_or("");
    std::string version = body.text("awsIotSqlVersion").value_or("2016-03-23");
    const std::string topic = body.text("topic", {.max = 65'535}).value_or("");
    const std::string payload = body.text("payload", {.max = kMaxTestBytes}).value_or("");
    if (const auto name = body.text("ruleName")) {
        const Rule* rule = context.rules.find(*name);
        if (rule == nullptr) return fail(no_rule(*name));
        sql = rule->sql();
        if (!rule->sql_version().empty()) version = rule->sql_version();
    } else if (!body.has("sql")) {
        body.missing("sql", "or ruleName must say what to test");
    }
    if (problems.any()) return fail(validation(problems.text()));

    const auto result =
        rules::test_rule({.sql = sql,
                          .sql_version = version,
                          .message = {.topic = topic, .payload = bytes_of(payload)}},
                         call.now);
    if (!result) return fail(refusal(result.error()));
    return reply_with(json::object{{"topicMatches", result->topic_matches},
                                   {"selected", result->selected},
                                   {"output", text_of(result->output)}});
}

}  // namespace helio::bridge::api
