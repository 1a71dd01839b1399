// TestAuthorization of AWS IoT, and our own operation that says why.
#include "bridge/api/authorization.h"

#include "bridge/api/registry_common.h"
#include "bridge/policy/arns.h"

#include <algorithm>
#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using policy::Decision;
using policy::Effect;
using policy::Explanation;

constexpr std::size_t kMaxAuthInfos = 10;
constexpr std::size_t kMaxResources = 100;
constexpr TextRule kResourceRule{.max = 2048};
constexpr TextRule kActionRule{.min = 1, .max = 128};

struct ActionType {
    std::string_view type;
    policy::Action action;
};
constexpr ActionType kActionTypes[] = {{"PUBLISH", policy::Action::publish},
                                       {"SUBSCRIBE", policy::Action::subscribe},
                                       {"RECEIVE", policy::Action::receive},
                                       {"CONNECT", policy::Action::connect}};

std::string_view text_of(Decision decision) {
    switch (decision) {
        case Decision::allowed:
            return "ALLOWED";
        case Decision::explicit_deny:
            return "EXPLICIT_DENY";
        case Decision::implicit_deny:
            break;
    }
    return "IMPLICIT_DENY";
}

json::array texts(const std::vector<std::string>& values) {
    return json::array(values.begin(), values.end());
}

// --- TestAuthorization ---------------------------------------------------------------------------

struct AuthInfo {
    std::string type;
    std::vector<std::string> resources;
};

std::vector<AuthInfo> auth_infos(const Fields& body) {
    std::vector<AuthInfo> out;
    if (!body.has("authInfos")) body.missing("authInfos", "must be a list of what is asked");
    for (const Fields& info : body.objects("authInfos", kMaxAuthInfos)) {
        AuthInfo one;
        one.type = info.required(info.text("actionType"),
                                 "actionType",
                                 "must be PUBLISH, SUBSCRIBE, RECEIVE or CONNECT");
        one.resources = info.required(info.texts("resources", kMaxResources, kResourceRule),
                                      "resources",
                                      "must be a list of ARNs");
        const bool known =
            std::ranges::find(kActionTypes, one.type, &ActionType::type) != std::end(kActionTypes);
        if (!one.type.empty() && !known) {
            info.wrong("actionType", "must be PUBLISH, SUBSCRIBE, RECEIVE or CONNECT");
        }
        out.push_back(std::move(one));
    }
    if (out.empty() && body.has("authInfos")) {
        body.wrong("authInfos", "must have 1 to 10 elements");
    }
    return out;
}

// What all resources together come to: each has to be allowed.
class Verdict {
  public:
    Verdict(const Context& context, const Subject& subject)
        : context_(context), subject_(subject), says_(subject.documents.size()) {}

    void add(const Explanation& explanation) {
        if (!begun_ || explanation.decision == Decision::explicit_deny ||
            decision_ == Decision::allowed) {
            decision_ = explanation.decision;
        }
        begun_ = true;
        for (const auto& answer : explanation.statements) {
            if (answer.outcome != policy::Outcome::applies) continue;
            (answer.effect == Effect::allow ? says_[answer.document].allow
                                            : says_[answer.document].deny) = true;
        }
        for (const std::string& name : explanation.missing) {
            if (std::ranges::find(missing_, name) == missing_.end()) missing_.push_back(name);
        }
    }

    json::object result(const AuthInfo& info) const {
        const auto allows = [](const Says& says) { return says.allow; };
        const auto denies = [](const Says& says) { return says.deny; };
        const auto neither = [](const Says& says) { return !says.allow && !says.deny; };
        return {{"authInfo",
                 json::object{{"actionType", info.type}, {"resources", texts(info.resources)}}},
                {"allowed", json::object{{"policies", policies(allows)}}},
                {"denied",
                 json::object{{"implicitDeny", json::object{{"policies", policies(neither)}}},
                              {"explicitDeny", json::object{{"policies", policies(denies)}}}}},
                {"authDecision", text_of(decision_)},
                {"missingContextValues", texts(missing_)}};
    }

  private:
    struct Says {
        bool allow = false;
        bool deny = false;
    };

    template <class Wanted>
    json::array policies(const Wanted& wanted) const {
        json::array out;
        for (std::size_t i = 0; i < says_.size(); ++i) {
            if (!wanted(says_[i])) continue;
            const std::string& name = subject_.policies[i];
            out.push_back(json::object{{"policyName", name},
                                       {"policyArn", context_.iot.place().arn("policy", name)}});
        }
        return out;
    }

    const Context& context_;
    const Subject& subject_;
    std::vector<Says> says_;
    std::vector<std::string> missing_;
    Decision decision_ = Decision::implicit_deny;
    bool begun_ = false;
};

json::object verdict_on(const Context& context, const Subject& subject, const AuthInfo& info) {
    const auto* const type = std::ranges::find(kActionTypes, info.type, &ActionType::type);
    Verdict verdict(context, subject);
    for (const std::string& resource : info.resources) {
        verdict.add(explain(subject, {std::string(policy::name_of(type->action)), resource}));
    }
    return verdict.result(info);
}

// --- ExplainAuthorization ------------------------------------------------------------------------

std::string_view text_of(policy::Outcome outcome) {
    switch (outcome) {
        case policy::Outcome::applies:
            return "APPLIES";
        case policy::Outcome::other_action:
            return "OTHER_ACTION";
        case policy::Outcome::other_resource:
            return "OTHER_RESOURCE";
        case policy::Outcome::no_value:
            return "VARIABLE_WITHOUT_VALUE";
        case policy::Outcome::condition:
            break;
    }
    return "CONDITION_FAILS";
}

json::object statement_json(const Subject& subject,
                            const Explanation& explanation,
                            const policy::StatementAnswer& answer) {
    const auto& statement = subject.documents[answer.document]->statements[answer.statement];
    json::object out{{"policyName", subject.policies[answer.document]},
                     {"statement", answer.statement + 1},
                     {"effect", answer.effect == Effect::allow ? "Allow" : "Deny"},
                     {"outcome", text_of(answer.outcome)},
                     {"decides", explanation.decided(answer)}};
    if (!statement.sid.empty()) out["sid"] = statement.sid;
    if (!answer.because.empty()) out["because"] = answer.because;
    return out;
}

json::object explanation_json(const Subject& subject,
                              const policy::Question& question,
                              const Explanation& explanation) {
    json::array statements;
    for (const auto& answer : explanation.statements) {
        statements.push_back(statement_json(subject, explanation, answer));
    }
    json::object variables;
    for (const auto& variable : explanation.variables) {
        variables[variable.name] = texts(variable.values);
    }
    return {{"action", question.action},
            {"resource", question.resource},
            {"authDecision", text_of(explanation.decision)},
            {"unlimited", subject.unlimited},
            {"policies", texts(subject.policies)},
            {"statements", std::move(statements)},
            {"variables", std::move(variables)},
            {"missingContextValues", texts(explanation.missing)}};
}

}  // namespace

Outcome test_authorization(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    const auto infos = auth_infos(body);
    const std::string client_id(call.parameter("clientId").value_or(""));
    const auto subject = read_subject(context, call, body, client_id);
    if (problems.any()) return fail(invalid_request(problems.text()));
    if (!subject) return fail(subject.error());
    json::array results;
    for (const AuthInfo& info : infos) results.push_back(verdict_on(context, *subject, info));
    return reply_with(json::object{{"authResults", std::move(results)}});
}

Outcome explain_authorization(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    policy::Question question;
    question.action =
        body.required(body.text("action", kActionRule), "action", "must be one like iot:Publish");
    question.resource = body.required(body.text("resource", kResourceRule),
                                      "resource",
                                      "must be an ARN or what stands at its end: topic/a/b");
    const std::string client_id = body.text("clientId", kActionRule).value_or("");
    const auto subject = read_subject(context, call, body, client_id);
    if (problems.any()) return fail(invalid_request(problems.text()));
    if (!subject) return fail(subject.error());
    const auto& place = context.iot.place();
    question.resource = policy::Arns(place.region, place.account).of(question.resource);
    return reply_with(explanation_json(*subject, question, explain(*subject, question)));
}

}  // namespace helio::bridge::api
