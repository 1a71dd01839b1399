// Who may do what: the gate with its checkers in their order.
#pragma once

#include "bridge/identity/access_key_checker.h"
#include "bridge/identity/certificate_checker.h"
#include "bridge/identity/gate.h"
#include "bridge/identity/mqtt_authenticator.h"
#include "bridge/identity/policy_authorizer.h"
#include "bridge/identity/sigv4_checker.h"
#include "bridge/identity/users.h"
#include "tools/heliograph/custom_authorizers.h"

namespace helio::server {

class AccessControl {
  public:
    using Announce = bridge::identity::CertificateChecker::Announce;

    AccessControl(const bridge::api::KeyRing& keys,
                  bridge::registry::Registry& registry,
                  CustomAuthorizers& custom,
                  bridge::identity::Users& users,
                  bool anonymous_on_loopback,
                  bridge::identity::ServerName server_name,
                  Announce announce,
                  std::function<Instant()> clock);
    AccessControl(const AccessControl&) = delete;
    AccessControl& operator=(const AccessControl&) = delete;

    bridge::identity::Gate& gate() { return gate_; }
    bridge::mqtt::Authenticator& authenticator() { return authenticator_; }
    bridge::identity::PolicyAuthorizer* authorizer() { return &authorizer_; }
    const bridge::identity::CertificateChecker& certificates() const { return certificates_; }

    // An upgrade with a signature that is wrong need not wait for its CONNECT.
    bool may_upgrade(const net::HttpRequest& request, Instant now) const;

  private:
    bridge::identity::PolicyAuthorizer authorizer_;
    bridge::identity::SigV4Checker signatures_;
    bridge::identity::CertificateChecker certificates_;
    bridge::identity::AccessKeyChecker access_keys_;
    bridge::identity::UnknownUserChecker unknown_users_;
    bridge::identity::AnonymousChecker anonymous_;
    bridge::identity::Gate gate_;
    bridge::identity::MqttAuthenticator authenticator_{gate_};
};

}  // namespace helio::server
