// Tags of topic rules, as the service `iot` has them: lower-case members, keys to remove in the
// body.
#include "bridge/api/common.h"
#include "bridge/api/handlers.h"
#include "bridge/rules/proto/rule.pb.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using Tags = std::map<std::string, std::string>;

// The rule of an ARN, or why there is none.
Result<const rules::proto::Rule*, ApiError> rule_of(const Context& context, std::string_view arn) {
    const std::size_t slash = arn.rfind('/');
    const std::string_view name = slash == std::string_view::npos ? "" : arn.substr(slash + 1);
    const rules::proto::Rule* rule = context.rules.find(name);
    if (rule != nullptr && context.rules.arn(name) == arn) return rule;
    if (!arn.starts_with("arn:")) {
        return fail(invalid_request("resourceArn must be the ARN of a topic rule."));
    }
    return fail(refusal(rules::RuleError{rules::RuleError::Kind::not_found,
                                         fmt::format("There is no resource \"{}\".", arn)}));
}

// AWS's alphabet of keys: letters, numbers and blanks of any language, and these.
bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c & 0x80) != 0 || std::string_view(" _.:/=+-@").find(c) != std::string_view::npos;
}
constexpr TextRule kKeyRule{.min = 1,
                            .max = 128,
                            .allowed = is_key_character,
                            .alphabet = "letters, digits, blanks and _.:/=+-@"};

std::string arn_in(const Fields& body) {
    return body.required(
        body.text("resourceArn", {.min = 1, .max = 2048}), "resourceArn", "must be a rule's ARN");
}

// iot's Value may be absent.
void read_pairs(const Fields& body, Tags& tags) {
    if (!body.has("tags")) body.missing("tags", "must be a list of objects with Key and Value");
    for (const Fields& tag : body.objects("tags", kMaxTagsOfResource)) {
        const std::string key = tag.required(tag.text("Key", kKeyRule), "Key", "must be a text");
        tags[key] = tag.text("Value").value_or("");
    }
}

std::vector<std::string> read_keys(const Fields& body) {
    if (!body.has("tagKeys")) body.missing("tagKeys", "must be a list of texts");
    return body.texts("tagKeys", kMaxTagsOfResource, kKeyRule).value_or(std::vector<std::string>());
}

// Reads the body, lets `change` alter the rule's tags, and stores them.
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

    const auto rule = rule_of(context, arn);
    if (!rule) return fail(rule.error());
    Tags tags((*rule)->tags().begin(), (*rule)->tags().end());
    for (const auto& [key, value] : fresh) tags[key] = value;
    for (const std::string& key : gone) tags.erase(key);
    if (tags.size() > kMaxTagsOfResource) {
        return fail(refusal(rules::RuleError{
            rules::RuleError::Kind::limit_exceeded,
            fmt::format("A rule has at most {} tags: remove some first.", kMaxTagsOfResource)}));
    }
    const auto position = context.rules.set_tags((*rule)->name(), tags);
    if (!position) return fail(refusal(position.error()));
    return Reply{.wait_for = *position};
}

}  // namespace

Outcome tag_rule(Context& context, const Call& call) {
    return change_tags(
        context, call, [](const Fields& body, Tags& fresh, auto&) { read_pairs(body, fresh); });
}

Outcome untag_rule(Context& context, const Call& call) {
    return change_tags(
        context, call, [](const Fields& body, Tags&, auto& gone) { gone = read_keys(body); });
}

Outcome list_tags_of_rule(Context& context, const Call& call) {
    const auto rule = rule_of(context, call.parameter("resourceArn").value_or(""));
    if (!rule) return fail(rule.error());
    const Tags sorted((*rule)->tags().begin(), (*rule)->tags().end());
    json::array rows;
    for (const auto& [key, value] : sorted) {
        rows.push_back(json::object{{"Key", key}, {"Value", value}});
    }
    return reply_with(json::object{{"tags", std::move(rows)}});
}

}  // namespace helio::bridge::api
