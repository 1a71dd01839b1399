// Lets in who shows a JSON Web Token of the issuer: the bearer's name is the token's `sub`, its
// claims are policy variables ("${jwt:sub}", "${jwt:address.city}"), and what it may do is one
// policy for all.
//
// The token is what is passed under the token key, else "Authorization: Bearer", else the password
// of MQTT or of "Authorization: Basic".  A connection ends when its token expires.
#pragma once

#include "bridge/identity/authorizers/custom_authorizer.h"
#include "bridge/identity/authorizers/key_source.h"
#include "bridge/identity/authorizers/outside.h"
#include "crypto/jwt/token.h"

namespace helio::bridge::identity::authorizers {

// The policy of all who are let in.
struct JwtPolicy {
    std::string stored;  // the name of a stored one, whose changes count at once; empty: a file's
    std::function<policy::DocumentPtr()> find;  // as it is now; null where there is none
};

class JwtAuthorizer final : public CustomAuthorizer {
  public:
    JwtAuthorizer(std::shared_ptr<KeySource> keys,
                  crypto::jwt::Expectation expected,
                  JwtPolicy policy,
                  Outside& outside);

    void authorize(const AuthorizerRequest& request, Instant now, Answer answer) override;

  private:
    struct State;
    std::shared_ptr<const State> state_;  // shared with what is on its way
};

// The claims as policy variables: texts, numbers and truth values by "jwt:name", members of objects
// by "jwt:name.member", lists of them by "jwt:name" and their items by "jwt:name.0".  What is too
// long or too much is left out, a list as a whole.
policy::Claims variables_of(const boost::json::object& claims);

}  // namespace helio::bridge::identity::authorizers
