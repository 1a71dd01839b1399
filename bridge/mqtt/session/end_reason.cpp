#include "bridge/mqtt/session/end_reason.h"

#include <iterator>

namespace helio::bridge::mqtt {
namespace {

constexpr std::string_view kNames[] = {
    "CLIENT_INITIATED_DISCONNECT",
    "AUTH_ERROR",
    "CLIENT_ERROR",
    "CONNECTION_LOST",
    "DUPLICATE_CLIENTID",
    "FORBIDDEN_ACCESS",
    "MQTT_KEEP_ALIVE_TIMEOUT",
    "SERVER_ERROR",
    "SERVER_INITIATED_DISCONNECT",
    "API_INITIATED_DISCONNECT",
    "THROTTLED",
    "WEBSOCKET_TTL_EXPIRATION",
    "CUSTOMAUTH_TTL_EXPIRATION",
};
static_assert(std::size(kNames) == static_cast<std::size_t>(EndReason::authorization_expired) + 1);

}  // namespace

std::string_view name_of(EndReason reason) { return kNames[static_cast<std::size_t>(reason)]; }

EndReason end_reason_of(ReasonCode code) {
    switch (code) {
        case ReasonCode::not_authorized:
        case ReasonCode::bad_user_name_or_password:
        case ReasonCode::bad_authentication_method:
            return EndReason::auth_error;
        case ReasonCode::banned:
            return EndReason::forbidden_access;
        case ReasonCode::keep_alive_timeout:
            return EndReason::keep_alive_timeout;
        case ReasonCode::session_taken_over:
            return EndReason::duplicate_client_id;
        case ReasonCode::message_rate_too_high:
        case ReasonCode::connection_rate_exceeded:
        case ReasonCode::quota_exceeded:
            return EndReason::throttled;
        case ReasonCode::server_busy:
        case ReasonCode::server_unavailable:
        case ReasonCode::server_shutting_down:
        case ReasonCode::administrative_action:
        case ReasonCode::use_another_server:
        case ReasonCode::server_moved:
            return EndReason::server_initiated;
        case ReasonCode::maximum_connect_time:
            return EndReason::authorization_expired;
        case ReasonCode::unspecified_error:
        case ReasonCode::implementation_specific_error:
            return EndReason::server_error;
        default:
            return EndReason::client_error;
    }
}

}  // namespace helio::bridge::mqtt
