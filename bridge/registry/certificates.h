// The certificates of devices: issued by this server's CA, or registered.
//
// What a certificate says never changes, so its faults are found once; its status, and that the
// time is within its life, is asked for with each connection.
#pragma once

#include "bridge/registry/core.h"
#include "bridge/registry/creation_order.h"
#include "bridge/registry/keys.h"
#include "bridge/registry/proto/registry.pb.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::registry {

using store::Position;

struct MadeCertificate {
    CertificateId id;
    std::string pem;
    Position position = 0;
};
struct MadeKeys {
    MadeCertificate certificate;
    std::string public_key_pem;
    std::string private_key_pem;  // nowhere else: who asked must keep it
};

class Certificates {
  public:
    explicit Certificates(Core& core) : core_(core) {}

    // status: ACTIVE, INACTIVE or REVOKED.
    Result<MadeKeys, Error> issue(proto::CertificateStatus status, Instant now);
    Result<MadeCertificate, Error> issue_for_request(std::string_view request_pem,
                                                     proto::CertificateStatus status,
                                                     Instant now);

    // Of a registered authority; `authority_pem` says of which, where several have one name.
    Result<MadeCertificate, Error> add(std::string_view pem,
                                       std::optional<std::string_view> authority_pem,
                                       proto::CertificateStatus status,
                                       Instant now);
    // Of any issuer: for clients that name the server in their handshake.
    Result<MadeCertificate, Error> add_without_authority(std::string_view pem,
                                                         proto::CertificateStatus status,
                                                         Instant now);
    // Just in time: PENDING_ACTIVATION, of an authority that has signed it.
    Result<MadeCertificate, Error> add_at_first_sight(ByteView der,
                                                      const CertificateId& authority,
                                                      Instant now);

    std::optional<proto::Certificate> find(const CertificateId& id) const;
    Result<Position, Error> set_status(const CertificateId& id,
                                       proto::CertificateStatus status,
                                       Instant now);
    enum class Policies : std::uint8_t { must_be_detached, are_detached };
    Result<Position, Error> erase(const CertificateId& id, Policies policies);
    std::uint64_t count() const;

    using Page = CreationPage<std::pair<CertificateId, proto::Certificate>>;
    // `after`: by its id in hexadecimal.
    Page list(std::optional<CertificateId> authority,
              Direction direction,
              const std::optional<CreationPlace>& after,
              std::size_t count) const;

  private:
    Result<MadeCertificate, Error> put(proto::Certificate record, Instant now);

    Core& core_;
};

}  // namespace helio::bridge::registry
