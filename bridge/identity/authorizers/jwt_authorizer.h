// Lets in who shows a JSON Web Token of the issuer: the bearer's name is the token's `sub`, its
// claims are policy variables ("${jwt:sub}", "${jwt:address.city}"), and what it may do is one
// policy for all.
//
// The token is what is passed under the token key, else "Authorization: Bearer", else the MQTT
// password.  A connection ends when its token expires.
#pragma once

#include "bridge/identity/authorizers/custom_authorizer.h"
#include "bridge/identity/authorizers/key_source.h"
#include "bridge/identity/authorizers/outside.h"
#include "crypto/jwt/token.h"

namespace helio::bridge::identity::authorizers {

// The compiled document of the policy as it is now; null where there is none of this name.
using FindPolicy = std::function<policy::DocumentPtr()>;

class JwtAuthorizer final : public CustomAuthorizer {
  public:
    JwtAuthorizer(std::shared_ptr<KeySource> keys,
                  crypto::jwt::Expectation expected,
                  FindPolicy policy,
                  Outside& outside);

    void authorize(const AuthorizerRequest& request, Instant now, Answer answer) override;

  private:
    struct State;
    std::shared_ptr<const State> state_;  // shared with what is on its way
};

// The claims as policy variables: texts, numbers and truth values by "jwt:name", members of objects
// by "jwt:name.member".  Lists and what is too long or too much is left out.
std::map<std::string, std::string> variables_of(const boost::json::object& claims);

}  // namespace helio::bridge::identity::authorizers
