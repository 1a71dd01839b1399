// Custom authorizers at the gate.  The first of two checkers is meant where a client names an
// authorizer; the other, behind all else that knows who it is for, where there is a default one.
#pragma once

#include "bridge/identity/authorizers/authorizer_set.h"
#include "bridge/identity/authorizers/live_grants.h"
#include "bridge/identity/gate.h"
#include "crypto/random.h"

namespace helio::bridge::identity::authorizers {

class CustomChecker final : public Checker {
  public:
    enum class Serves : std::uint8_t { clients_that_name_one, the_rest };

    CustomChecker(Serves serves,
                  AuthorizerSet& authorizers,
                  LiveGrants& grants,
                  crypto::Random random)
        : serves_(serves), authorizers_(authorizers), grants_(grants), random_(std::move(random)) {}

    bool is_for(const Credentials& shown) const override;
    void check(const Credentials& shown, Instant now, Answer answer) override;

  private:
    Serves serves_;
    AuthorizerSet& authorizers_;
    LiveGrants& grants_;
    crypto::Random random_;
};

}  // namespace helio::bridge::identity::authorizers
