// Who a client is by its certificate: one that is registered and active lets in; one of a CA that
// allows it is registered at first sight, and lets in once somebody has activated it.
//
// The registry is asked with each connection: nothing that may change is remembered.
#pragma once

#include "bridge/identity/gate.h"
#include "bridge/registry/registry.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace helio::bridge::identity {

// AWS asks for the server's name in the handshake (SNI) where a certificate is registered without
// its CA; a server with one address needs none.
enum class ServerName : std::uint8_t { not_needed, needed };

class CertificateChecker final : public Checker {
  public:
    struct Stats {
        std::uint64_t accepted = 0;
        std::uint64_t registered = 0;  // just in time
        std::uint64_t unknown = 0;     // of no CA that is registered, active and allows it
        std::uint64_t not_active = 0;  // inactive, revoked, not yet activated
        std::uint64_t out_of_time = 0;
        std::uint64_t unfit = 0;  // a CA's, of another purpose, weak, a bad name
    };
    // Tells that a certificate has registered itself.
    using Announce =
        std::function<void(std::string_view topic, std::string_view payload, Instant now)>;

    CertificateChecker(registry::Registry& registry, ServerName server_name, Announce announce)
        : registry_(registry), server_name_(server_name), announce_(std::move(announce)) {}

    // A certificate decides alone, but where the protocol says that a custom authorizer does.
    bool is_for(const Credentials& shown) const override;
    void check(const Credentials& shown, Instant now, Answer answer) override;

    const Stats& stats() const { return stats_; }

  private:
    Identified identify(const Credentials& shown, Instant now);
    bool lacks_server_name(registry::proto::CertificateMode mode, const Credentials& shown) const;
    Refusal refuse(std::uint64_t& counter, std::string why);
    Refusal first_sight(const Credentials& shown, Instant now);
    void announce(const registry::CertificateId& id,
                  const registry::CertificateId& authority,
                  Instant now);

    registry::Registry& registry_;
    ServerName server_name_;
    Announce announce_;
    Stats stats_;
};

}  // namespace helio::bridge::identity
