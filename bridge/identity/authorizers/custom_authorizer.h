// The one interface of custom authorizers: JWT, HTTP and JavaScript.
//
// Whatever goes wrong is a refusal with a reason for the log; nobody is let in by a failure.
#pragma once

#include "bridge/identity/authorizers/authorizer_request.h"
#include "bridge/identity/gate.h"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace helio::bridge::identity::authorizers {

struct Granted {
    std::string principal_id;
    std::vector<policy::DocumentPtr> documents;
    // Where the documents are those of stored policies, whose later versions count: their names.
    std::vector<std::string> policies;
    policy::Claims variables;
    std::optional<Duration> disconnect_after;
    std::optional<Duration> refresh_after;
};
using Authorized = Result<Granted, Refusal>;

// What the principal may do from now on.
void take(const Granted& granted, Principal& who);

class CustomAuthorizer {
  public:
    // Once, before authorize() returns or later on the loop thread.
    using Answer = std::function<void(Authorized)>;

    virtual ~CustomAuthorizer() = default;
    // `request` is not kept.  The authorizer may go before it has answered.
    virtual void authorize(const AuthorizerRequest& request, Instant now, Answer answer) = 0;
};

inline tl::unexpected<Refusal> refuse(std::string why,
                                      Refusal::Kind kind = Refusal::Kind::not_authorized) {
    return fail(Refusal{kind, std::move(why)});
}

}  // namespace helio::bridge::identity::authorizers
