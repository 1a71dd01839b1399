#include "bridge/identity/authorizers/live_grants.h"

#include <algorithm>

namespace helio::bridge::identity::authorizers {

std::optional<Instant> LiveGrants::Grant::next() const {
    if (disconnect && refresh) return std::min(*disconnect, *refresh);
    return disconnect ? disconnect : refresh;
}

void LiveGrants::add(const PrincipalPtr& principal,
                     std::string authorizer,
                     AuthorizerRequest request,
                     const Granted& granted,
                     Instant now) {
    if (!granted.disconnect_after && !granted.refresh_after) return;
    const auto grant =
        std::make_shared<Grant>(Grant{.principal = principal, .authorizer = std::move(authorizer)});
    if (granted.disconnect_after) grant->disconnect = now + *granted.disconnect_after;
    if (granted.refresh_after) {
        grant->refresh = now + *granted.refresh_after;
        grant->request = std::move(request);
    }
    schedule(grant);
}

void LiveGrants::schedule(const GrantPtr& grant) {
    if (const auto at = grant->next()) due_.push({*at, grant});
}

std::optional<Instant> LiveGrants::on_time(Instant now) {
    now_ = now;
    std::vector<PrincipalPtr> held;
    std::vector<const Principal*> to_end;
    while (!due_.empty() && due_.top().at <= now) {
        const GrantPtr grant = due_.top().grant;
        due_.pop();
        auto principal = grant->principal.lock();
        if (!principal) continue;
        if (grant->refused || (grant->disconnect && *grant->disconnect <= now)) {
            to_end.push_back(principal.get());
            held.push_back(std::move(principal));
        } else {
            ask_again(grant, now);
        }
    }
    if (!to_end.empty()) {
        stats_.ended += to_end.size();
        end_(to_end, now);
    }
    if (due_.empty()) return std::nullopt;
    return due_.top().at;
}

void LiveGrants::ask_again(const GrantPtr& grant, Instant now) {
    grant->refresh.reset();
    ++stats_.refreshed;
    authorizers_.invoke(
        grant->authorizer,
        grant->request,
        now,
        [this, grant, alive = std::weak_ptr<int>(alive_)](const Authorized& result) {
            if (!alive.expired()) on_asked(grant, result);
        });
}

void LiveGrants::on_asked(const GrantPtr& grant, const Authorized& result) {
    const PrincipalPtr principal = grant->principal.lock();
    if (!principal) return;
    // Another principal is another client.
    if (!result || result->principal_id != principal->name()) {
        grant->refused = true;
        due_.push({now_, grant});
        return;
    }
    take(*result, *principal);
    // The end of the connection stays where it was.
    if (result->refresh_after) grant->refresh = now_ + *result->refresh_after;
    schedule(grant);
}

}  // namespace helio::bridge::identity::authorizers
