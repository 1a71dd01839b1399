// Who was let in: one Principal a connection or HTTP request, with what policies may ask of it.
// Those of whom nothing is ever asked (anonymous) share one.
#pragma once

#include "bridge/identity/credentials.h"
#include "bridge/mqtt/session/access.h"
#include "bridge/policy/facts.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace helio::bridge::policy {
struct Document;
class Permissions;
using DocumentPtr = std::shared_ptr<const Document>;
}  // namespace helio::bridge::policy

namespace helio::bridge::identity {

enum class PrincipalKind : std::uint8_t {
    anonymous,      // on loopback, where the settings allow it
    administrator,  // name: the key's id; may do everything
    access_key,     // name: the key's id
    certificate,    // name: the certificate's id, 64 hexadecimal digits
    user,           // name: the user's
    custom,         // name: the principalId that a custom authorizer gave
};

class Principal final : public mqtt::Identity {
  public:
    Principal(PrincipalKind kind, std::string name, const Credentials& credentials)
        : Identity(std::move(name)), kind_(kind), shown_(credentials) {
        shown_.password.reset();  // nobody needs it any more
    }

    PrincipalKind kind() const { return kind_; }
    // Without the password.
    const Credentials& shown() const { return shown_; }

    // Of a custom authorizer: its documents, the stored policies that it names, and its claims as
    // policy variables by their full name.  Who changes them empties `compiled`.
    std::vector<policy::DocumentPtr> documents;
    std::vector<std::string> policies;
    policy::Claims variables;

    // The authorizer's: what the policies come to, as of a generation of their source.
    struct Compiled {
        std::uint64_t generation = 0;
        std::shared_ptr<policy::Permissions> permissions;
    };
    mutable Compiled compiled;

  private:
    PrincipalKind kind_;
    Credentials shown_;
};
using PrincipalPtr = std::shared_ptr<Principal>;

}  // namespace helio::bridge::identity
