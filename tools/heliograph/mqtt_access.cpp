#include "tools/heliograph/mqtt_access.h"

#include "crypto/cmac.h"

namespace helio::server {

using bridge::mqtt::AuthResult;
using bridge::mqtt::Identity;
using bridge::mqtt::ReasonCode;

AuthResult MqttAccess::decide(const bridge::mqtt::ConnectRequest& request) const {
    if (!request.user_name) {
        if (!anonymous_on_loopback_ || !request.address.loopback) {
            return {.reason = ReasonCode::not_authorized};
        }
        return {ReasonCode::success, std::make_shared<Identity>("anonymous")};
    }
    const auto secret = keys_.secret_of(*request.user_name);
    if (!secret || !request.password ||
        !crypto::equal_in_constant_time(bytes_of(*secret), *request.password)) {
        return {.reason = ReasonCode::bad_user_name_or_password};
    }
    return {ReasonCode::success, std::make_shared<Identity>(*request.user_name)};
}

void MqttAccess::authenticate(const bridge::mqtt::ConnectRequest& request,
                              Instant now,
                              Answer answer) {
    answer(decide(request), now);
}

}  // namespace helio::server
