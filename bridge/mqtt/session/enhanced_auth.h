// Enhanced authentication (MQTT 5 §4.12): a client and a method talk in AUTH packets before the
// CONNACK, and again whenever the client wishes.
//
// Methods are filled in by the wiring; without any, a CONNECT that names one is refused with 0x8C.
#pragma once

#include "base/bytes.h"
#include "base/time.h"
#include "bridge/mqtt/session/access.h"

#include <functional>
#include <memory>
#include <string_view>

namespace helio::bridge::mqtt {

// What a method makes of the client's data.
struct AuthStep {
    // continue_authentication: `data` goes to the client, which answers; success: it is who
    // `identity` says, and `data` goes with the CONNACK; an error ends it.
    ReasonCode reason = ReasonCode::not_authorized;
    Bytes data;
    IdentityPtr identity;
};

// One conversation.
class AuthExchange {
  public:
    virtual ~AuthExchange() = default;
    // Answers once, before it returns or later on the loop thread.
    using Answer = std::function<void(AuthStep, Instant now)>;
    virtual void next(ByteView data, Instant now, Answer answer) = 0;
};

class EnhancedAuthenticator {
  public:
    virtual ~EnhancedAuthenticator() = default;
    struct Start {
        std::string_view method;
        std::string_view client_id;               // empty: one will be made up
        const ConnectRequest* request = nullptr;  // null where a connected client does it again
        const Identity* identity = nullptr;       // then: who it is until now
    };
    // Null where there is no such method.
    virtual std::unique_ptr<AuthExchange> begin(const Start& start) = 0;
};

}  // namespace helio::bridge::mqtt
