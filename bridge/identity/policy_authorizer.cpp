#include "bridge/identity/policy_authorizer.h"

#include "bridge/mqtt/topic/topic_filter.h"
#include "crypto/x509/certificate.h"

namespace helio::bridge::identity {

using policy::Action;
using policy::Decision;

namespace {

// Identities come from the gate, and the gate makes principals only.
const Principal* principal_of(const mqtt::Identity* who) {
    return static_cast<const Principal*>(who);
}

// Without TLS there is no server name, but what the upgrade was sent to.
std::string domain_of(const Credentials& shown) {
    if (!shown.server_name.empty() || !shown.http) return shown.server_name;
    const std::string_view host = shown.http->header("host").value_or("");
    const std::size_t port = host.rfind(':');
    return std::string(host.ends_with(']') ? host : host.substr(0, port));
}

std::vector<policy::DocumentPtr> plain(const std::vector<NamedDocument>& named) {
    std::vector<policy::DocumentPtr> out;
    out.reserve(named.size());
    for (const NamedDocument& document : named) out.push_back(document.document);
    return out;
}

}  // namespace

PolicyAuthorizer::PolicyAuthorizer(const PolicySource& source,
                                   policy::Arns arns,
                                   std::function<Instant()> clock)
    : source_(source), arns_(std::move(arns)), clock_(std::move(clock)) {}

bool PolicyAuthorizer::is_unlimited(const Principal& who) const {
    return who.kind() == PrincipalKind::anonymous || who.kind() == PrincipalKind::administrator;
}

policy::Context PolicyAuthorizer::context_of(const Principal& who,
                                             std::string_view client_id) const {
    const Credentials& shown = who.shown();
    policy::Context context({
        .client_id = std::string(client_id),
        .source_ip = shown.ip(),
        .domain_name = domain_of(shown),
        .certificate_id = shown.certificate.empty() ? std::string()
                                                    : crypto::x509::fingerprint(shown.certificate),
        .certificate = shown.certificate,
        .connection = shown.way != Way::http,
        .secure = shown.tls,
        .persistent = shown.persistent,
        .last_will = shown.has_will,
        .thing = source_.thing_of(who),
        .claims = who.variables,
    });
    context.now = clock_();
    return context;
}

Decision PolicyAuthorizer::decide(Action action,
                                  const Principal& who,
                                  std::string_view client_id,
                                  std::string_view name) {
    if (is_unlimited(who)) return Decision::allowed;
    Principal::Compiled& compiled = who.compiled;
    const std::uint64_t generation = source_.generation();
    if (!compiled.permissions || compiled.generation != generation) {
        compiled.permissions =
            std::make_shared<policy::Permissions>(plain(source_.documents_of(who)));
        compiled.generation = generation;
        ++stats_.compiled;
    }
    return compiled.permissions->decide(
        action, name, arns_, [&] { return context_of(who, client_id); });
}

bool PolicyAuthorizer::may(Action action,
                           const mqtt::Identity* who,
                           std::string_view client_id,
                           std::string_view name) {
    if (who != nullptr &&
        decide(action, *principal_of(who), client_id, name) == Decision::allowed) {
        return true;
    }
    ++stats_.refused[static_cast<std::size_t>(action)];
    return false;
}

bool PolicyAuthorizer::may_connect(const mqtt::Identity* who, std::string_view client_id) {
    return may(Action::connect, who, client_id, client_id);
}

bool PolicyAuthorizer::may_publish(const mqtt::Identity* who,
                                   std::string_view client_id,
                                   std::string_view topic,
                                   bool retain) {
    return may(Action::publish, who, client_id, topic) &&
           (!retain || may(Action::retain_publish, who, client_id, topic));
}

bool PolicyAuthorizer::may_subscribe(const mqtt::Identity* who,
                                     std::string_view client_id,
                                     std::string_view filter) {
    constexpr std::string_view share = mqtt::TopicFilter::kShare;
    if (who == nullptr || !filter.starts_with(share)) {
        return may(Action::subscribe, who, client_id, filter);
    }
    const std::string_view behind_group = filter.substr(filter.find('/', share.size()) + 1);
    const Principal& principal = *principal_of(who);
    const Decision whole = decide(Action::subscribe, principal, client_id, filter);
    const Decision inner = decide(Action::subscribe, principal, client_id, behind_group);
    const bool denied = whole == Decision::explicit_deny || inner == Decision::explicit_deny;
    const bool allowed = whole == Decision::allowed || inner == Decision::allowed;
    if (allowed && !denied) return true;
    ++stats_.refused[static_cast<std::size_t>(Action::subscribe)];
    return false;
}

bool PolicyAuthorizer::may_receive(const mqtt::Identity* who,
                                   std::string_view client_id,
                                   std::string_view topic) {
    return may(Action::receive, who, client_id, topic);
}

bool PolicyAuthorizer::may(const Principal& who,
                           std::string_view action,
                           std::string_view resource) {
    if (is_unlimited(who)) return true;
    const Decision decision = policy::decide(plain(source_.documents_of(who)),
                                             {std::string(action), std::string(resource)},
                                             context_of(who, who.shown().client_id));
    if (decision == Decision::allowed) return true;
    ++stats_.refused_requests;
    return false;
}

}  // namespace helio::bridge::identity
