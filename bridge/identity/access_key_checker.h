// Two checkers of the gate for MQTT without much ado: an access key as user name and password, and
// nobody at all on loopback.
#pragma once

#include "bridge/api/credentials.h"
#include "bridge/identity/gate.h"

namespace helio::bridge::identity {

// What the owner of a key that has been proven is.
PrincipalKind kind_of_key(const api::KeyRing& keys, std::string_view id);

// User name = key id, password = its secret.  Means itself for the ids that the ring knows.
class AccessKeyChecker final : public Checker {
  public:
    explicit AccessKeyChecker(const api::KeyRing& keys) : keys_(keys) {}
    bool is_for(const Credentials& shown) const override;
    void check(const Credentials& shown, Instant now, Answer answer) override;

  private:
    const api::KeyRing& keys_;
};

// A client on this machine that shows nothing.
class AnonymousChecker final : public Checker {
  public:
    bool is_for(const Credentials& shown) const override;
    void check(const Credentials& shown, Instant now, Answer answer) override;

  private:
    PrincipalPtr anonymous_ =
        std::make_shared<Principal>(PrincipalKind::anonymous, "anonymous", Credentials{});
};

// Any other user name is refused as wrong, so that nobody learns which ones there are.
class UnknownUserChecker final : public Checker {
  public:
    bool is_for(const Credentials& shown) const override { return shown.user_name.has_value(); }
    void check(const Credentials& shown, Instant now, Answer answer) override;
};

}  // namespace helio::bridge::identity
