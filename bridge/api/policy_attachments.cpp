// To whom policies are attached, in the operations of today and the deprecated ones, and which of
// them count for a device.
#include "bridge/api/registry_common.h"
#include "bridge/api/registry_handlers.h"
#include "bridge/registry/attachments.h"

#include <algorithm>
#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using registry::Target;

constexpr std::string_view kPrincipalHeader = "x-amzn-iot-principal";
constexpr std::string_view kPolicyHeader = "x-amzn-iot-policy";

Result<Target, ApiError> target_in_body(const Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const std::string arn =
        body.required(body.text("target", {.min = 1, .max = 2048}), "target", "must be an ARN");
    if (problems.any()) return fail(invalid_request(problems.text()));
    return target_of(context, arn);
}

Result<Target, ApiError> target_in_header(const Context& context, const Call& call) {
    const auto arn = header_of(call, kPrincipalHeader);
    if (!arn) return fail(arn.error());
    return target_of(context, *arn);
}

json::object policy_json(const Context& context, const std::string& name) {
    return {{"policyName", name}, {"policyArn", context.iot.place().arn("policy", name)}};
}

Outcome list_of_policies(const Context& context,
                         const std::vector<std::string>& names,
                         const ListPage& page) {
    json::object body;
    put_page(
        body,
        "policies",
        names,
        page,
        [](const std::string& name) { return name; },
        [&](const std::string& name) { return policy_json(context, name); });
    return reply_with(body);
}

Outcome list_of_targets(const Context& context,
                        const std::string& policy,
                        std::string_view name,
                        const ListPage& page) {
    const auto found = context.iot.policies.get(policy);
    if (!found) return fail(refusal(found.error()));
    std::vector<std::string> arns;
    for (const Target& target : context.iot.policies.targets_of(policy)) {
        arns.push_back(arn_of(context.iot.place(), target));
    }
    json::object body;
    put_page(
        body,
        name,
        arns,
        page,
        [](const std::string& arn) { return arn; },
        [](const std::string& arn) { return json::value(arn); });
    return reply_with(body);
}

// AWS's answer where a target does not exist.
Result<void, ApiError> check_there(const Context& context, const Target& target) {
    if (registry::is_there(context.store, target)) return {};
    return fail(
        refusal(registry::Error{registry::Error::Kind::not_found,
                                "There is no " + arn_of(context.iot.place(), target) + "."}));
}

}  // namespace

Outcome attach_policy(Context& context, const Call& call) {
    const auto target = target_in_body(context, call);
    if (!target) return fail(target.error());
    return outcome_of(context.iot.policies.attach(call.label("policyName"), *target));
}

Outcome detach_policy(Context& context, const Call& call) {
    const auto target = target_in_body(context, call);
    if (!target) return fail(target.error());
    return outcome_of(context.iot.policies.detach(call.label("policyName"), *target));
}

Outcome attach_principal_policy(Context& context, const Call& call) {
    const auto target = target_in_header(context, call);
    if (!target) return fail(target.error());
    return outcome_of(context.iot.policies.attach(call.label("policyName"), *target));
}

Outcome detach_principal_policy(Context& context, const Call& call) {
    const auto target = target_in_header(context, call);
    if (!target) return fail(target.error());
    return outcome_of(context.iot.policies.detach(call.label("policyName"), *target));
}

Outcome list_attached_policies(Context& context, const Call& call) {
    const auto page = marker_page(call);
    if (!page) return fail(page.error());
    const auto recursive = flag_of(call, "recursive");
    if (!recursive) return fail(recursive.error());
    const auto target = target_of(context, call.label("target"));
    if (!target) return fail(target.error());
    if (const auto there = check_there(context, *target); !there) return fail(there.error());
    std::vector<std::string> names = registry::policies_of(context.store, *target);
    if (*recursive && target->kind == Target::Kind::thing_group) {
        for (const std::string& above : context.iot.groups.ancestors(target->name)) {
            for (auto& name :
                 registry::policies_of(context.store, {Target::Kind::thing_group, above})) {
                if (std::ranges::find(names, name) == names.end()) names.push_back(name);
            }
        }
    }
    return list_of_policies(context, names, *page);
}

Outcome list_principal_policies(Context& context, const Call& call) {
    const auto page = marker_page(call);
    if (!page) return fail(page.error());
    const auto target = target_in_header(context, call);
    if (!target) return fail(target.error());
    if (const auto there = check_there(context, *target); !there) return fail(there.error());
    return list_of_policies(context, registry::policies_of(context.store, *target), *page);
}

Outcome list_targets_for_policy(Context& context, const Call& call) {
    const auto page = marker_page(call);
    if (!page) return fail(page.error());
    return list_of_targets(context, call.label("policyName"), "targets", *page);
}

Outcome list_policy_principals(Context& context, const Call& call) {
    const auto page = marker_page(call);
    if (!page) return fail(page.error());
    const auto policy = header_of(call, kPolicyHeader);
    if (!policy) return fail(policy.error());
    return list_of_targets(context, *policy, "principals", *page);
}

Outcome get_effective_policies(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const auto arn = body.text("principal", {.min = 1, .max = 2048});
    body.text("cognitoIdentityPoolId", {.max = 2048});
    if (problems.any()) return fail(invalid_request(problems.text()));
    std::optional<Target> principal;
    if (arn) {
        const auto target = target_of(context, *arn);
        if (!target) return fail(target.error());
        if (const auto there = check_there(context, *target); !there) return fail(there.error());
        principal = *target;
    }
    std::optional<std::string> thing;
    if (const auto name = call.parameter("thingName")) {
        const auto found = context.iot.things.get(std::string(*name));
        if (!found) return fail(refusal(found.error()));
        thing = found->name();
    }
    if (!principal && !thing) {
        return fail(invalid_request("principal or thingName must say of whom."));
    }
    json::array rows;
    for (const std::string& name : context.iot.effective_policies(principal, thing)) {
        const auto document = context.iot.policies.compiled(name);
        if (!document) continue;
        json::object row = policy_json(context, name);
        row["policyDocument"] = document->text;
        rows.push_back(std::move(row));
    }
    return reply_with(json::object{{"effectivePolicies", std::move(rows)}});
}

}  // namespace helio::bridge::api
