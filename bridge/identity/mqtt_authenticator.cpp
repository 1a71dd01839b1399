#include "bridge/identity/mqtt_authenticator.h"

namespace helio::bridge::identity {
namespace {

// [MQTT 5 §3.2.2.2]
mqtt::ReasonCode reason_of(Refusal::Kind kind) {
    using enum Refusal::Kind;
    switch (kind) {
        case bad_credentials:
            return mqtt::ReasonCode::bad_user_name_or_password;
        case not_authorized:
            return mqtt::ReasonCode::not_authorized;
        case unavailable:
            return mqtt::ReasonCode::server_unavailable;
        case busy:
            return mqtt::ReasonCode::server_busy;
    }
    return mqtt::ReasonCode::not_authorized;
}

}  // namespace

void MqttAuthenticator::authenticate(const mqtt::ConnectRequest& request,
                                     Instant now,
                                     Answer answer) {
    gate_.identify(credentials_of(request),
                   now,
                   [answer = std::move(answer)](const Identified& who, Instant at) {
                       if (who) {
                           answer({mqtt::ReasonCode::success, *who}, at);
                       } else {
                           answer({.reason = reason_of(who.error().kind)}, at);
                       }
                   });
}

}  // namespace helio::bridge::identity
