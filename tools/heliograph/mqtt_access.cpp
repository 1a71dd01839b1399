#include "tools/heliograph/mqtt_access.h"

#include "crypto/digest.h"

namespace helio::server {
namespace {

using bridge::mqtt::AuthResult;
using bridge::mqtt::Identity;
using bridge::mqtt::ReasonCode;

// Over digests, so that the time does not tell how much of a guess was right.
bool same_secret(std::string_view a, ByteView b) {
    return crypto::sha256(bytes_of(a)) == crypto::sha256(b);
}

}  // namespace

AuthResult MqttAccess::decide(const bridge::mqtt::ConnectRequest& request) const {
    if (!request.user_name) {
        if (!anonymous_on_loopback_ || !request.address.loopback) {
            return {.reason = ReasonCode::not_authorized};
        }
        return {ReasonCode::success, std::make_shared<Identity>("anonymous")};
    }
    const auto secret = keys_.secret_of(*request.user_name);
    if (!secret || !request.password || !same_secret(*secret, *request.password)) {
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
