#include "tools/heliograph/access_control.h"

namespace helio::server {

AccessControl::AccessControl(const bridge::api::KeyRing& keys,
                             bridge::registry::Registry& registry,
                             CustomAuthorizers& custom,
                             bridge::identity::Users& users,
                             bool anonymous_on_loopback,
                             bridge::identity::ServerName server_name,
                             Announce announce,
                             std::function<Instant()> clock)
    : authorizer_(registry,
                  bridge::policy::Arns(registry.place().region, registry.place().account),
                  std::move(clock)),
      signatures_(keys),
      certificates_(registry, server_name, std::move(announce)),
      access_keys_(keys) {
    gate_.add(custom.for_named());
    gate_.add(signatures_);
    gate_.add(certificates_);
    gate_.add(access_keys_);
    gate_.add(users);
    gate_.add(custom.for_the_rest());
    gate_.add(unknown_users_);
    if (anonymous_on_loopback) gate_.add(anonymous_);
}

bool AccessControl::may_upgrade(const net::HttpRequest& request, Instant now) const {
    using bridge::identity::SigV4Checker;
    return !SigV4Checker::is_signed(request) ||
           signatures_.signer_of(request, bridge::identity::Way::websocket, now).has_value();
}

}  // namespace helio::server
