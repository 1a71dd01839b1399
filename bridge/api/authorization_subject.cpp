#include "bridge/api/authorization.h"
#include "bridge/api/registry_common.h"
#include "bridge/mqtt/broker.h"
#include "bridge/registry/keys.h"

#include <algorithm>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

using identity::Principal;
using identity::PrincipalKind;
using registry::Target;

constexpr std::size_t kMaxPolicies = 100;
constexpr TextRule kPrincipalRule{.min = 1, .max = 512};
constexpr TextRule kAddressRule{.max = 64};

PrincipalKind kind_of(Target::Kind kind) {
    if (kind == Target::Kind::certificate) return PrincipalKind::certificate;
    return kind == Target::Kind::access_key ? PrincipalKind::access_key : PrincipalKind::user;
}

ApiError missing(std::string sentence) {
    return refusal(registry::Error{registry::Error::Kind::not_found, std::move(sentence)});
}

// The certificate's DER; empty for a principal of another kind.
Result<Bytes, ApiError> certificate_of(const Context& context, const Target& target) {
    if (target.kind != Target::Kind::certificate) return Bytes{};
    const auto id = registry::CertificateId::from_hex(target.name);
    const auto record = id ? context.iot.certificates.find(*id) : std::nullopt;
    if (!record) return fail(missing("There is no such certificate: " + target.name + "."));
    return Bytes(record->der().begin(), record->der().end());
}

struct Found {
    std::vector<std::string> policies;
    bool unlimited = false;
    std::optional<policy::ThingFacts> thing;
    Bytes certificate;
};

// Also the bare id of a certificate, as tools show it.
Result<Target, registry::Error> target_named(const Context& context, const std::string& name) {
    if (const auto id = registry::CertificateId::from_hex(name)) {
        return Target{Target::Kind::certificate, id->hex()};
    }
    return registry::target_of(context.iot.place(), name);
}

Found group(const Context& context, const Target& target) {
    Found out;
    out.policies = context.iot.effective_policies(target, std::nullopt);
    for (const std::string& above : context.iot.groups.ancestors(target.name)) {
        const Target one{Target::Kind::thing_group, above};
        for (auto& name : context.iot.effective_policies(one, std::nullopt)) {
            if (std::ranges::find(out.policies, name) == out.policies.end()) {
                out.policies.push_back(std::move(name));
            }
        }
    }
    return out;
}

Result<Found, ApiError> find(const Context& context,
                             const std::string& principal,
                             const std::string& client_id) {
    if (principal.empty()) return Found{};
    const auto target = target_named(context, principal);
    if (!target) return fail(refusal(target.error()));
    if (target->kind == Target::Kind::thing_group) return group(context, *target);
    auto certificate = certificate_of(context, *target);
    if (!certificate) return fail(certificate.error());
    identity::Credentials shown{.certificate = *certificate, .client_id = client_id};
    const Principal who(kind_of(target->kind), target->name, shown);
    Found out{.thing = context.iot.thing_of(who), .certificate = *std::move(certificate)};
    out.policies = context.iot.effective_policies(
        *target, out.thing ? std::optional(out.thing->name) : std::nullopt);
    out.unlimited = target->kind == Target::Kind::access_key &&
                    context.iot.access_keys.is_administrator(target->name);
    return out;
}

void take_away(Subject& subject, const std::vector<std::string>& skip) {
    for (std::size_t i = subject.policies.size(); i-- > 0;) {
        if (std::ranges::find(skip, subject.policies[i]) == skip.end()) continue;
        subject.policies.erase(subject.policies.begin() + static_cast<std::ptrdiff_t>(i));
        subject.documents.erase(subject.documents.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

policy::Facts facts_of(const Fields& body, Found found, const std::string& client_id) {
    const bool http = body.flag("http").value_or(false);
    const bool has_certificate = !found.certificate.empty();
    return {.client_id = http ? std::string() : client_id,
            .source_ip = body.text("sourceIp", kAddressRule).value_or(""),
            .domain_name = body.text("domainName").value_or(""),
            .certificate_id = has_certificate ? registry::CertificateId::of(found.certificate).hex()
                                              : std::string(),
            .certificate = std::move(found.certificate),
            .connection = !http,
            .secure = body.flag("tls").value_or(true),
            .persistent = body.flag("persistent").value_or(false),
            .last_will = body.flag("lastWill").value_or(false),
            .thing = std::move(found.thing)};
}

// As it is: what its policies say, and what the broker knows of it.
Result<Subject, ApiError> connected(Context& context,
                                    const Call& call,
                                    const std::string& client_id) {
    const auto client = context.broker->client(client_id);
    if (!client || !client->connected_since || client->identity == nullptr) {
        return fail(missing("No client is connected as " + client_id + "."));
    }
    // Identities come from the gate, and the gate makes principals only.
    const auto& who = static_cast<const Principal&>(*client->identity);
    Subject out{.policies = {},
                .documents = {},
                .unlimited = context.access->is_unlimited(who),
                .context = context.access->context_of(who, client_id)};
    out.context.now = call.now;
    for (auto& [name, document] : context.iot.documents_of(who)) {
        out.policies.push_back(name.empty() ? "(of its authorizer)" : std::move(name));
        out.documents.push_back(std::move(document));
    }
    return out;
}

Result<Subject, ApiError> named(Context& context,
                                const Call& call,
                                const Fields& body,
                                const std::string& client_id) {
    const auto principal = body.text("principal", kPrincipalRule).value_or("");
    auto found = find(context, principal, client_id);
    if (!found) return fail(found.error());
    Subject out{.policies = found->policies,
                .documents = {},
                .unlimited = found->unlimited,
                .context = policy::Context(facts_of(body, *std::move(found), client_id))};
    out.context.now = call.now;
    for (const std::string& name : out.policies) {
        out.documents.push_back(context.iot.policies.compiled(name));
    }
    return out;
}

}  // namespace

Result<Subject, ApiError> read_subject(Context& context,
                                       const Call& call,
                                       const Fields& body,
                                       const std::string& client_id) {
    const auto add = body.texts("policyNamesToAdd", kMaxPolicies, kPolicyNameRule);
    const auto skip = body.texts("policyNamesToSkip", kMaxPolicies, kPolicyNameRule);
    const auto connection = body.text("connection", kPrincipalRule);
    auto out =
        connection ? connected(context, call, *connection) : named(context, call, body, client_id);
    if (!out) return out;
    take_away(*out, skip.value_or(std::vector<std::string>()));
    for (const std::string& name : add.value_or(std::vector<std::string>())) {
        if (std::ranges::find(out->policies, name) != out->policies.end()) continue;
        out->policies.push_back(name);
        out->documents.push_back(context.iot.policies.compiled(name));
    }
    for (std::size_t i = 0; i < out->policies.size(); ++i) {
        if (out->documents[i]) continue;
        return fail(missing("There is no policy \"" + out->policies[i] + "\"."));
    }
    return out;
}

policy::Explanation explain(const Subject& subject, const policy::Question& question) {
    if (subject.unlimited) return {.decision = policy::Decision::allowed};
    return policy::explain(subject.documents, question, subject.context);
}

}  // namespace helio::bridge::api
