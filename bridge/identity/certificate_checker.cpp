#include "bridge/identity/certificate_checker.h"

#include "crypto/x509/certificate.h"

#include <fmt/format.h>

namespace helio::bridge::identity {
namespace {

namespace x509 = crypto::x509;
namespace proto = registry::proto;
using registry::CertificateId;

constexpr std::string_view kCustomAuthorizerAlpn = "mqtt";

bool is_within(Instant now, std::int64_t not_before_us, std::int64_t not_after_us) {
    return to_unix_us(now) >= not_before_us && to_unix_us(now) <= not_after_us;
}

std::string nameless(std::string_view id) {
    return fmt::format("the certificate {} needs the server's name in the handshake", id);
}

}  // namespace

bool CertificateChecker::is_for(const Credentials& shown) const {
    return !shown.certificate.empty() && shown.alpn != kCustomAuthorizerAlpn;
}

void CertificateChecker::check(const Credentials& shown, Instant now, Answer answer) {
    answer(identify(shown, now), now);
}

Identified CertificateChecker::identify(const Credentials& shown, Instant now) {
    const auto id = CertificateId::of(shown.certificate);
    const auto record = registry_.certificates.find(id);
    if (!record) return fail(first_sight(shown, now));
    if (record->status() != proto::ACTIVE) {
        return fail(refuse(stats_.not_active,
                           fmt::format("the certificate {} is {}",
                                       id.hex(),
                                       proto::CertificateStatus_Name(record->status()))));
    }
    if (!is_within(now, record->not_before_us(), record->not_after_us())) {
        return fail(refuse(stats_.out_of_time,
                           fmt::format("the certificate {} is not valid at this time", id.hex())));
    }
    if (!record->fault().empty()) {
        return fail(
            refuse(stats_.unfit, fmt::format("the certificate {}: {}", id.hex(), record->fault())));
    }
    if (lacks_server_name(record->mode(), shown)) {
        return fail(refuse(stats_.unfit, nameless(id.hex())));
    }
    ++stats_.accepted;
    return std::make_shared<Principal>(PrincipalKind::certificate, id.hex(), shown);
}

bool CertificateChecker::lacks_server_name(proto::CertificateMode mode,
                                           const Credentials& shown) const {
    return server_name_ == ServerName::needed && mode == proto::SNI_ONLY &&
           shown.server_name.empty();
}

Refusal CertificateChecker::refuse(std::uint64_t& counter, std::string why) {
    ++counter;
    return {.kind = Refusal::Kind::not_authorized, .why = std::move(why)};
}

// Refuses in any case: a certificate that has registered itself waits for its activation.
Refusal CertificateChecker::first_sight(const Credentials& shown, Instant now) {
    const auto certificate = x509::parse_der(shown.certificate);
    if (!certificate) return refuse(stats_.unfit, "a certificate that cannot be read");
    const std::string name = certificate->fingerprint();
    const auto signer = registry::authority_of(registry_.store(), *certificate, std::nullopt);
    if (!signer) {
        return refuse(stats_.unknown, fmt::format("the certificate {} is not registered", name));
    }
    const auto& [authority_id, authority] = *signer;
    if (!authority.auto_registration()) {
        return refuse(stats_.unknown,
                      fmt::format("the certificate {} is not registered, and its CA {} does not "
                                  "allow that it registers itself",
                                  name,
                                  authority_id.hex()));
    }
    if (lacks_server_name(authority.mode(), shown)) return refuse(stats_.unfit, nameless(name));
    if (const auto fault = x509::device_fault(shown.certificate)) {
        return refuse(stats_.unfit, fmt::format("the certificate {}: {}", name, describe(*fault)));
    }
    if (now < certificate->not_before || now > certificate->not_after ||
        !is_within(now, authority.not_before_us(), authority.not_after_us())) {
        return refuse(stats_.out_of_time,
                      fmt::format("the certificate {} or its CA is not valid at this time", name));
    }
    const auto made =
        registry_.certificates.add_at_first_sight(shown.certificate, authority_id, now);
    if (!made) return refuse(stats_.unfit, made.error().message);
    announce(made->id, authority_id, now);
    return refuse(stats_.registered,
                  fmt::format("the certificate {} has registered itself: activate it", name));
}

void CertificateChecker::announce(const CertificateId& id,
                                  const CertificateId& authority,
                                  Instant now) {
    const std::int64_t now_ms = to_unix_us(now) / 1000;
    announce_("$aws/events/certificates/registered/" + authority.hex(),
              fmt::format(R"({{"certificateId":"{}","caCertificateId":"{}","timestamp":{},)"
                          R"("certificateStatus":"PENDING_ACTIVATION","awsAccountId":"{}",)"
                          R"("certificateRegistrationTimestamp":"{}"}})",
                          id.hex(),
                          authority.hex(),
                          now_ms,
                          registry_.place().account,
                          now_ms),
              now);
}

}  // namespace helio::bridge::identity
