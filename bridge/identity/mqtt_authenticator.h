// The gate as the broker asks it.
#pragma once

#include "bridge/identity/gate.h"
#include "bridge/mqtt/session/access.h"

namespace helio::bridge::identity {

class MqttAuthenticator final : public mqtt::Authenticator {
  public:
    explicit MqttAuthenticator(Gate& gate) : gate_(gate) {}
    void authenticate(const mqtt::ConnectRequest& request, Instant now, Answer answer) override;

  private:
    Gate& gate_;
};

}  // namespace helio::bridge::identity
