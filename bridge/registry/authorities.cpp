#include "bridge/registry/authorities.h"

#include "bridge/registry/tables.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace helio::bridge::registry {
namespace {

namespace x509 = crypto::x509;
using Kind = Error::Kind;

const std::string kCode = "registration_code";
constexpr store::Slot kGlobal = 0;

Error no_authority(const CertificateId& id) {
    return {Kind::not_found, fmt::format("There is no CA certificate {}.", id.hex())};
}

std::vector<AuthorityRow> named(const store::Store& store, const Digest& subject) {
    std::vector<AuthorityRow> out;
    kAuthoritiesBySubject.scan_prefix(store, subject, [&](const AuthorityBySubject& key, auto&) {
        if (auto record = kAuthorities.get(store, key.id)) {
            out.emplace_back(key.id, *std::move(record));
        }
        return true;
    });
    return out;
}

Result<x509::Certificate, Error> read_authority(std::string_view pem, Instant now) {
    auto certificate = x509::parse_pem(pem);
    const auto refuse = [](const char* why) { return fail(Error{Kind::certificate_invalid, why}); };
    if (!certificate) return refuse("caCertificate is no certificate in PEM of at most 16 KB.");
    const auto fault = x509::device_fault(certificate->der);
    if (fault != x509::DeviceFault::authority) {
        return refuse(
            "caCertificate is not an authority's: it needs the basic constraint CA:TRUE, "
            "and no extension that cannot be read.");
    }
    if (now > certificate->not_after || now < certificate->not_before) {
        return refuse("caCertificate is not valid at this time.");
    }
    return *std::move(certificate);
}

CreationPlace place_of(const CertificateId& id, const proto::Authority& record) {
    return {record.created_at_us(), id.hex()};
}

}  // namespace

Result<AuthorityRow, Error> authority_of(const store::Store& store,
                                         const x509::Certificate& certificate,
                                         std::optional<std::string_view> authority_pem) {
    std::vector<AuthorityRow> signers = named(store, certificate.issuer_digest);
    if (authority_pem) {
        const auto meant = x509::parse_pem(*authority_pem);
        if (!meant) {
            return fail(Error{Kind::certificate_invalid,
                              "caCertificatePem is no certificate in PEM of at most 16 KB."});
        }
        const auto id = CertificateId::of(meant->der);
        std::erase_if(signers, [&](const AuthorityRow& row) { return row.first != id; });
    }
    std::erase_if(signers, [&](const AuthorityRow& row) {
        return !x509::is_signed_by(certificate.der, bytes_of(row.second.der()));
    });
    if (signers.empty()) {
        return fail(Error{Kind::certificate_invalid,
                          "No registered CA certificate has signed this certificate: register its "
                          "CA first, or register it without a CA."});
    }
    if (signers.size() > 1) {
        return fail(Error{Kind::certificate_conflict,
                          "Several CA certificates have signed this certificate: say which one "
                          "with caCertificatePem."});
    }
    if (!signers.front().second.active()) {
        return fail(Error{
            Kind::certificate_state,
            fmt::format("The CA certificate {} is not active.", signers.front().first.hex())});
    }
    return std::move(signers.front());
}

Authorities::Authorities(Core& core) : core_(core) {
    kAuthorities.scan(core_.store, [&](const CertificateId& id, const proto::Authority& record) {
        order_.add(place_of(id, record));
        return true;
    });
}

Result<Authorities::Made, Error> Authorities::add(const NewAuthority& authority, Instant now) {
    const auto certificate = read_authority(authority.pem, now);
    if (!certificate) return fail(certificate.error());
    const auto id = CertificateId::of(certificate->der);
    if (kAuthorities.contains(core_.store, id)) {
        return fail(Error{Kind::already_exists,
                          fmt::format("The CA certificate {} is registered already.", id.hex()),
                          core_.place.arn("cacert", id.hex()),
                          id.hex()});
    }
    if (authority.mode == proto::DEFAULT) {
        if (!authority.verification_pem) {
            return fail(Error{Kind::bad_request,
                              "verificationCertificate is missing: a certificate that the CA has "
                              "signed, whose common name is the registration code."});
        }
        const auto proof = x509::parse_pem(*authority.verification_pem);
        if (!proof || !x509::is_signed_by(proof->der, certificate->der)) {
            return fail(Error{Kind::certificate_invalid,
                              "verificationCertificate is not signed by caCertificate."});
        }
        const auto code = kRegistrySettings.get(core_.store, kCode);
        if (!code || proof->common_name != *code) {
            return fail(Error{Kind::registration_code,
                              "The common name of verificationCertificate is not the registration "
                              "code: ask for it with GetRegistrationCode."});
        }
    }
    if (named(core_.store, certificate->subject_digest).size() >=
            core_.limits.max_authorities_of_subject ||
        order_.size() >= core_.limits.max_authorities) {
        return fail(
            Error{Kind::limit_exceeded, "There are too many CA certificates: delete some."});
    }
    proto::Authority record;
    record.set_der(std::string(text_of(certificate->der)));
    record.set_active(authority.active);
    record.set_auto_registration(authority.auto_registration);
    record.set_mode(authority.mode);
    *record.mutable_registration() = authority.registration;
    record.set_not_before_us(to_unix_us(certificate->not_before));
    record.set_not_after_us(to_unix_us(certificate->not_after));
    record.set_created_at_us(to_unix_us(now));
    record.set_modified_at_us(to_unix_us(now));
    record.set_customer_version(1);
    record.set_generation_id(crypto::uuid4(core_.random));
    for (const auto& [key, value] : authority.tags) (*record.mutable_tags())[key] = value;

    auto tx = core_.store.begin(kGlobal);
    kAuthorities.put(tx, id, record);
    kAuthoritiesBySubject.put(tx, {certificate->subject_digest, id}, {});
    order_.add(place_of(id, record));
    return Made{id, tx.commit()};
}

Result<Position, Error> Authorities::update(const CertificateId& id,
                                            const AuthorityChange& change,
                                            Instant now) {
    auto record = find(id);
    if (!record) return fail(no_authority(id));
    if (change.active) record->set_active(*change.active);
    if (change.auto_registration) record->set_auto_registration(*change.auto_registration);
    if (change.registration) *record->mutable_registration() = *change.registration;
    record->set_modified_at_us(to_unix_us(now));
    record->set_customer_version(record->customer_version() + 1);
    record->set_generation_id(crypto::uuid4(core_.random));
    auto tx = core_.store.begin(kGlobal);
    kAuthorities.put(tx, id, *record);
    return tx.commit();
}

Result<Position, Error> Authorities::erase(const CertificateId& id) {
    const auto record = find(id);
    if (!record) return fail(no_authority(id));
    if (record->active()) {
        return fail(Error{Kind::certificate_state,
                          "The CA certificate must be deactivated before it is deleted."});
    }
    const auto certificate = x509::parse_der(bytes_of(record->der()));
    auto tx = core_.store.begin(kGlobal);
    kAuthorities.erase(tx, id);
    if (certificate) kAuthoritiesBySubject.erase(tx, {certificate->subject_digest, id});
    order_.remove(place_of(id, *record));
    return tx.commit();
}

std::optional<proto::Authority> Authorities::find(const CertificateId& id) const {
    auto record = kAuthorities.get(core_.store, id);
    return record ? std::optional(*std::move(record)) : std::nullopt;
}

Authorities::Page Authorities::list(Direction direction,
                                    const std::optional<CreationPlace>& after,
                                    std::size_t count,
                                    std::optional<std::string_view> template_name) const {
    return order_.page(
        direction, after, count, [&](const std::string& hex) -> std::optional<AuthorityRow> {
            const auto id = CertificateId::from_hex(hex);
            auto record = find(*id);
            if (!record ||
                (template_name && record->registration().template_name() != *template_name)) {
                return std::nullopt;
            }
            return AuthorityRow{*id, *std::move(record)};
        });
}

Result<Position, Error> Authorities::set_tags(const CertificateId& id, const Tags& tags) {
    auto record = find(id);
    if (!record) return fail(no_authority(id));
    *record->mutable_tags() = {tags.begin(), tags.end()};
    auto tx = core_.store.begin(kGlobal);
    kAuthorities.put(tx, id, *record);
    return tx.commit();
}

Authorities::Code Authorities::registration_code() {
    if (auto code = kRegistrySettings.get(core_.store, kCode)) return {*std::move(code)};
    std::array<std::uint8_t, 32> bytes{};
    core_.random(bytes);
    Code code{to_hex(bytes)};
    auto tx = core_.store.begin(kGlobal);
    kRegistrySettings.put(tx, kCode, code.text);
    code.position = tx.commit();
    return code;
}

Result<Position, Error> Authorities::erase_registration_code() {
    if (!kRegistrySettings.contains(core_.store, kCode)) {
        return fail(Error{Kind::not_found, "There is no registration code."});
    }
    auto tx = core_.store.begin(kGlobal);
    kRegistrySettings.erase(tx, kCode);
    return tx.commit();
}

}  // namespace helio::bridge::registry
