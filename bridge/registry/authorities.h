// The certificate authorities of others: registered with a proof that their key is at hand, so that
// certificates which they sign may be registered, or register themselves.
#pragma once

#include "bridge/registry/core.h"
#include "bridge/registry/creation_order.h"
#include "bridge/registry/keys.h"
#include "bridge/registry/proto/registry.pb.h"
#include "crypto/x509/certificate.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::registry {

using store::Position;
using AuthorityRow = std::pair<CertificateId, proto::Authority>;

// The registered, active authority that has signed it; `authority_pem` says which one is meant.
Result<AuthorityRow, Error> authority_of(const store::Store& store,
                                         const crypto::x509::Certificate& certificate,
                                         std::optional<std::string_view> authority_pem);

struct NewAuthority {
    std::string pem;
    std::optional<std::string> verification_pem;  // mode DEFAULT needs it
    bool active = false;
    bool auto_registration = false;
    proto::CertificateMode mode = proto::DEFAULT;
    proto::RegistrationConfig registration{};
    Tags tags{};
};

struct AuthorityChange {
    std::optional<bool> active{};
    std::optional<bool> auto_registration{};
    std::optional<proto::RegistrationConfig> registration{};  // empty: taken away
};

class Authorities {
  public:
    explicit Authorities(Core& core);

    struct Made {
        CertificateId id;
        Position position = 0;
    };
    // The verification certificate is signed by the authority, and its common name is the
    // registration code.
    Result<Made, Error> add(const NewAuthority& authority, Instant now);
    Result<Position, Error> update(const CertificateId& id,
                                   const AuthorityChange& change,
                                   Instant now);
    // Only one that is not active.
    Result<Position, Error> erase(const CertificateId& id);
    std::optional<proto::Authority> find(const CertificateId& id) const;
    // Of a provisioning template's, where one is named.
    using Page = CreationPage<AuthorityRow>;
    Page list(Direction direction,
              const std::optional<CreationPlace>& after,
              std::size_t count,
              std::optional<std::string_view> template_name = std::nullopt) const;
    Result<Position, Error> set_tags(const CertificateId& id, const Tags& tags);

    // 64 hexadecimal digits; made when it is asked for the first time.
    struct Code {
        std::string text;
        Position position = 0;
    };
    Code registration_code();
    Result<Position, Error> erase_registration_code();

  private:
    Core& core_;
    CreationOrder order_;  // by id in hexadecimal
};

}  // namespace helio::bridge::registry
