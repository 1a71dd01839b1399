// Policies and their versions.
#include "bridge/api/registry_common.h"
#include "bridge/api/registry_handlers.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
namespace proto = registry::proto;

constexpr TextRule kDocumentRule{.max = 404'600};

// 0, which no version has, for what is no number.
std::uint32_t version_in(const Call& call) {
    const std::string& text = call.label("policyVersionId");
    std::uint32_t id = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    return error == std::errc{} && end == text.data() + text.size() ? id : 0;
}

std::string document_in(const Fields& body) {
    return body.required(
        body.text("policyDocument", kDocumentRule), "policyDocument", "must be a policy document");
}

std::string arn_of_policy(const Context& context, const std::string& name) {
    return context.iot.place().arn("policy", name);
}

const proto::PolicyVersion* find_version(const proto::Policy& policy, std::uint32_t id) {
    const auto found = std::ranges::find(policy.versions(), id, &proto::PolicyVersion::id);
    return found == policy.versions().end() ? nullptr : &*found;
}

}  // namespace

Outcome create_policy(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const std::string document = document_in(body);
    const auto tags = iot_tags(body);
    if (problems.any()) return fail(invalid_request(problems.text()));
    const std::string& name = call.label("policyName");
    const auto made = context.iot.policies.create(name, document, tags, call.now);
    if (!made) return fail(refusal(made.error()));
    return reply_with(json::object{{"policyName", name},
                                   {"policyArn", arn_of_policy(context, name)},
                                   {"policyDocument", document},
                                   {"policyVersionId", std::to_string(made->version)}},
                      made->position);
}

Outcome create_policy_version(Context& context, const Call& call) {
    const auto as_default = flag_of(call, "setAsDefault");
    if (!as_default) return fail(as_default.error());
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const std::string document = document_in(Fields(*input, "", problems));
    if (problems.any()) return fail(invalid_request(problems.text()));
    using registry::Policies;
    const std::string& name = call.label("policyName");
    const auto made = context.iot.policies.create_version(
        name,
        document,
        *as_default ? Policies::Default::this_one : Policies::Default::as_it_is,
        call.now);
    if (!made) return fail(refusal(made.error()));
    return reply_with(json::object{{"policyArn", arn_of_policy(context, name)},
                                   {"policyDocument", document},
                                   {"policyVersionId", std::to_string(made->version)},
                                   {"isDefaultVersion", *as_default}},
                      made->position);
}

Outcome set_default_policy_version(Context& context, const Call& call) {
    return outcome_of(
        context.iot.policies.set_default(call.label("policyName"), version_in(call), call.now));
}

Outcome get_policy(Context& context, const Call& call) {
    const auto policy = context.iot.policies.get(call.label("policyName"));
    if (!policy) return fail(refusal(policy.error()));
    const auto* const version = find_version(*policy, policy->default_version());
    return reply_with(
        json::object{{"policyName", policy->name()},
                     {"policyArn", arn_of_policy(context, policy->name())},
                     {"policyDocument", version == nullptr ? std::string() : version->document()},
                     {"defaultVersionId", std::to_string(policy->default_version())},
                     {"creationDate", epoch_seconds(policy->created_at_us())},
                     {"lastModifiedDate", epoch_seconds(policy->modified_at_us())},
                     {"generationId", policy->generation_id()}});
}

Outcome get_policy_version(Context& context, const Call& call) {
    const auto policy = context.iot.policies.get(call.label("policyName"));
    if (!policy) return fail(refusal(policy.error()));
    const auto* const version = find_version(*policy, version_in(call));
    if (version == nullptr) {
        return fail(refusal(registry::Error{registry::Error::Kind::not_found,
                                            fmt::format("The policy {} has no version {}.",
                                                        policy->name(),
                                                        call.label("policyVersionId"))}));
    }
    return reply_with(json::object{{"policyArn", arn_of_policy(context, policy->name())},
                                   {"policyName", policy->name()},
                                   {"policyDocument", version->document()},
                                   {"policyVersionId", std::to_string(version->id())},
                                   {"isDefaultVersion", version->id() == policy->default_version()},
                                   {"creationDate", epoch_seconds(version->created_at_us())},
                                   {"lastModifiedDate", epoch_seconds(version->created_at_us())},
                                   {"generationId", policy->generation_id()}});
}

Outcome list_policies(Context& context, const Call& call) {
    const auto page = marker_page(call);
    if (!page) return fail(page.error());
    const auto after = place_after(*page);
    if (!after) return fail(after.error());
    const auto found = context.iot.policies.list(direction_of(*page), *after, page->size);
    json::array rows;
    for (const proto::Policy& policy : found.rows) {
        rows.push_back(json::object{{"policyName", policy.name()},
                                    {"policyArn", arn_of_policy(context, policy.name())}});
    }
    json::object body{{"policies", std::move(rows)}};
    set_next(body, *page, found.next);
    return reply_with(body);
}

Outcome list_policy_versions(Context& context, const Call& call) {
    const auto policy = context.iot.policies.get(call.label("policyName"));
    if (!policy) return fail(refusal(policy.error()));
    json::array rows;
    // The newest first, as AWS.
    for (auto version = policy->versions().rbegin(); version != policy->versions().rend();
         ++version) {
        rows.push_back(
            json::object{{"versionId", std::to_string(version->id())},
                         {"isDefaultVersion", version->id() == policy->default_version()},
                         {"createDate", epoch_seconds(version->created_at_us())}});
    }
    return reply_with(json::object{{"policyVersions", std::move(rows)}});
}

Outcome delete_policy(Context& context, const Call& call) {
    return outcome_of(context.iot.policies.erase(call.label("policyName")));
}

Outcome delete_policy_version(Context& context, const Call& call) {
    return outcome_of(
        context.iot.policies.erase_version(call.label("policyName"), version_in(call), call.now));
}

}  // namespace helio::bridge::api
