// Who may connect to the broker: access keys (user name = key id, password = secret), and on
// loopback, where the settings say so, anybody.
#pragma once

#include "bridge/api/credentials.h"
#include "bridge/mqtt/session/access.h"

namespace helio::server {

class MqttAccess final : public bridge::mqtt::Authenticator {
  public:
    MqttAccess(const bridge::api::KeyRing& keys, bool anonymous_on_loopback)
        : keys_(keys), anonymous_on_loopback_(anonymous_on_loopback) {}

    void authenticate(const bridge::mqtt::ConnectRequest& request,
                      Instant now,
                      Answer answer) override;

  private:
    bridge::mqtt::AuthResult decide(const bridge::mqtt::ConnectRequest& request) const;

    const bridge::api::KeyRing& keys_;
    bool anonymous_on_loopback_;
};

}  // namespace helio::server
