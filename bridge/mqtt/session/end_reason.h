// Why a connection ended, in the words of AWS IoT's lifecycle events.
#pragma once

#include "bridge/mqtt/packet/reason_code.h"

#include <cstdint>
#include <string_view>

namespace helio::bridge::mqtt {

enum class EndReason : std::uint8_t {
    client_initiated,
    auth_error,           // may no longer be here, or asked for what it may not
    client_error,         // malformed, too large, against the protocol
    connection_lost,      // without a word
    duplicate_client_id,  // another connection came with its client id
    forbidden_access,     // a reserved topic, or its identity was withdrawn
    keep_alive_timeout,
    server_error,
    server_initiated,
    api_initiated,
    throttled,
    websocket_expired,
    authorization_expired,  // a custom authorizer said for how long
};

// "CLIENT_INITIATED_DISCONNECT"
std::string_view name_of(EndReason reason);

// Where the reason code is all there is to tell by.
EndReason end_reason_of(ReasonCode code);

}  // namespace helio::bridge::mqtt
