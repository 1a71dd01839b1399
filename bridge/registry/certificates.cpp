#include "bridge/registry/certificates.h"

#include "bridge/registry/attachments.h"
#include "bridge/registry/authorities.h"
#include "bridge/registry/tables.h"
#include "crypto/x509/certificate.h"

#include <charconv>
#include <fmt/format.h>

namespace helio::bridge::registry {
namespace {

namespace x509 = crypto::x509;
using Kind = Error::Kind;
using x509::DeviceFault;

const std::string kCount = "certificate_count";

Error no_certificate(const CertificateId& id) {
    return {Kind::not_found, fmt::format("There is no certificate {}.", id.hex())};
}

Target target_of(const CertificateId& id) { return {Target::Kind::certificate, id.hex()}; }

std::string bytes_as_text(ByteView bytes) { return std::string(text_of(bytes)); }

void put_in_lists(store::Transaction& tx, const CertificateId& id, const proto::Certificate& it) {
    for (const auto direction : {Direction::oldest_first, Direction::newest_first}) {
        kCertificatesByTime.put(tx, by_time({}, direction, it.created_at_us(), id), {});
        if (it.authority_id().empty()) continue;
        const auto authority = CertificateId::from_bytes(bytes_of(it.authority_id()));
        kCertificatesByTime.put(tx, by_time(authority, direction, it.created_at_us(), id), {});
    }
}

void erase_from_lists(store::Transaction& tx,
                      const CertificateId& id,
                      const proto::Certificate& it) {
    for (const auto direction : {Direction::oldest_first, Direction::newest_first}) {
        kCertificatesByTime.erase(tx, by_time({}, direction, it.created_at_us(), id));
        if (it.authority_id().empty()) continue;
        const auto authority = CertificateId::from_bytes(bytes_of(it.authority_id()));
        kCertificatesByTime.erase(tx, by_time(authority, direction, it.created_at_us(), id));
    }
}

template <class Reader>
std::uint64_t read_count(const Reader& reader) {
    const auto text = kRegistrySettings.get(reader, kCount);
    std::uint64_t count = 0;
    if (text) std::from_chars(text->data(), text->data() + text->size(), count);
    return count;
}

void add_to_count(store::Transaction& tx, int step) {
    const auto count = static_cast<std::int64_t>(read_count(tx)) + step;
    kRegistrySettings.put(tx, kCount, std::to_string(count));
}

bool may_be_given(proto::CertificateStatus status) {
    return status == proto::ACTIVE || status == proto::INACTIVE || status == proto::REVOKED;
}

// What nobody could ever use is not taken; a wrong purpose or a wrong time shows at the connection,
// as on AWS.
bool is_refused_at_once(DeviceFault fault) {
    return fault != DeviceFault::authority && fault != DeviceFault::key_usage &&
           fault != DeviceFault::extended_key_usage;
}

Result<proto::Certificate, Error> record_of(const std::optional<x509::Certificate>& certificate) {
    if (!certificate) {
        return fail(Error{Kind::certificate_invalid,
                          "The text is no certificate in PEM of at most 16 KB."});
    }
    const auto fault = x509::device_fault(certificate->der);
    if (fault && is_refused_at_once(*fault)) {
        return fail(Error{Kind::certificate_invalid,
                          fmt::format("The certificate cannot be used: {}", describe(*fault))});
    }
    proto::Certificate record;
    record.set_der(bytes_as_text(certificate->der));
    record.set_not_before_us(to_unix_us(certificate->not_before));
    record.set_not_after_us(to_unix_us(certificate->not_after));
    if (fault) record.set_fault(std::string(describe(*fault)));
    return record;
}

}  // namespace

Result<MadeCertificate, Error> Certificates::put(proto::Certificate record, Instant now) {
    const auto id = CertificateId::of(bytes_of(record.der()));
    if (kCertificates.contains(core_.store, id)) {
        return fail(Error{Kind::already_exists,
                          fmt::format("The certificate {} is registered already.", id.hex()),
                          arn_of(core_.place, target_of(id)),
                          id.hex()});
    }
    if (count() >= core_.limits.max_certificates) {
        return fail(Error{Kind::bad_request,
                          fmt::format("There are {} certificates, which is the limit: delete some.",
                                      core_.limits.max_certificates)});
    }
    record.set_created_at_us(to_unix_us(now));
    record.set_modified_at_us(to_unix_us(now));
    record.set_customer_version(1);
    record.set_generation_id(crypto::uuid4(core_.random));
    auto tx = core_.store.begin(kCertificates.slot(id));
    kCertificates.put(tx, id, record);
    put_in_lists(tx, id, record);
    add_to_count(tx, +1);
    core_.changed();
    return MadeCertificate{id, x509::to_pem(bytes_of(record.der())), tx.commit()};
}

Result<MadeKeys, Error> Certificates::issue(proto::CertificateStatus status, Instant now) {
    auto made = x509::issue_device_identity(core_.issuer, now, core_.random);
    auto record = record_of(x509::parse_pem(made.certificate_pem));
    if (!record) return fail(record.error());
    record->set_status(status);
    auto stored = put(*std::move(record), now);
    if (!stored) return fail(stored.error());
    return MadeKeys{
        *std::move(stored), std::move(made.public_key_pem), std::move(made.private_key_pem)};
}

Result<MadeCertificate, Error> Certificates::issue_for_request(std::string_view request_pem,
                                                               proto::CertificateStatus status,
                                                               Instant now) {
    const auto pem = x509::issue_for_request(core_.issuer, request_pem, now, core_.random);
    if (!pem) return fail(Error{Kind::bad_request, std::string(describe(pem.error()))});
    auto record = record_of(x509::parse_pem(*pem));
    if (!record) return fail(record.error());
    record->set_status(status);
    return put(*std::move(record), now);
}

Result<MadeCertificate, Error> Certificates::add(std::string_view pem,
                                                 std::optional<std::string_view> authority_pem,
                                                 proto::CertificateStatus status,
                                                 Instant now) {
    if (!may_be_given(status)) {
        return fail(Error{Kind::bad_request, "status must be ACTIVE, INACTIVE or REVOKED."});
    }
    const auto certificate = x509::parse_pem(pem);
    auto record = record_of(certificate);
    if (!record) return fail(record.error());
    const auto authority = authority_of(core_.store, *certificate, authority_pem);
    if (!authority) return fail(authority.error());
    record->set_status(status);
    record->set_authority_id(bytes_as_text(authority->first.bytes));
    record->set_mode(authority->second.mode());
    return put(*std::move(record), now);
}

Result<MadeCertificate, Error> Certificates::add_without_authority(std::string_view pem,
                                                                   proto::CertificateStatus status,
                                                                   Instant now) {
    if (!may_be_given(status)) {
        return fail(Error{Kind::bad_request, "status must be ACTIVE, INACTIVE or REVOKED."});
    }
    auto record = record_of(x509::parse_pem(pem));
    if (!record) return fail(record.error());
    record->set_status(status);
    record->set_mode(proto::SNI_ONLY);
    return put(*std::move(record), now);
}

Result<MadeCertificate, Error> Certificates::add_at_first_sight(ByteView der,
                                                                const CertificateId& authority,
                                                                Instant now) {
    auto record = record_of(x509::parse_der(der));
    if (!record) return fail(record.error());
    record->set_status(proto::PENDING_ACTIVATION);
    record->set_authority_id(bytes_as_text(authority.bytes));
    const auto issuer = kAuthorities.get(core_.store, authority);
    if (issuer) record->set_mode(issuer->mode());
    return put(*std::move(record), now);
}

std::optional<proto::Certificate> Certificates::find(const CertificateId& id) const {
    auto record = kCertificates.get(core_.store, id);
    return record ? std::optional(*std::move(record)) : std::nullopt;
}

Result<Position, Error> Certificates::set_status(const CertificateId& id,
                                                 proto::CertificateStatus status,
                                                 Instant now) {
    if (!may_be_given(status)) {
        return fail(Error{Kind::bad_request, "newStatus must be ACTIVE, INACTIVE or REVOKED."});
    }
    auto record = find(id);
    if (!record) return fail(no_certificate(id));
    record->set_status(status);
    record->set_modified_at_us(to_unix_us(now));
    record->set_customer_version(record->customer_version() + 1);
    record->set_generation_id(crypto::uuid4(core_.random));
    auto tx = core_.store.begin(kCertificates.slot(id));
    kCertificates.put(tx, id, *record);
    const Position position = tx.commit();
    core_.changed();
    if (status != proto::ACTIVE) core_.lapsed(target_of(id));
    return position;
}

Result<Position, Error> Certificates::erase(const CertificateId& id, Policies policies) {
    const auto record = find(id);
    if (!record) return fail(no_certificate(id));
    const Target target = target_of(id);
    const std::string arn = arn_of(core_.place, target);
    if (record->status() == proto::ACTIVE) {
        return fail(Error{Kind::certificate_state,
                          fmt::format("The certificate must be deactivated before it is deleted "
                                      "(id={}).",
                                      id.hex())});
    }
    const auto attached = policies_of(core_.store, target);
    if (!attached.empty() && policies == Policies::must_be_detached) {
        return fail(Error{
            Kind::in_use,
            fmt::format("Certificate policies must be detached before deletion (arn: {}).", arn)});
    }
    if (!things_of(core_.store, target).empty()) {
        return fail(Error{Kind::in_use,
                          fmt::format("Things must be detached before deletion (arn: {}).", arn)});
    }
    auto tx = core_.store.begin(kCertificates.slot(id));
    for (const std::string& policy : attached) detach(tx, target, policy);
    kCertificates.erase(tx, id);
    erase_from_lists(tx, id, *record);
    add_to_count(tx, -1);
    const Position position = tx.commit();
    core_.changed();
    core_.lapsed(target);
    return position;
}

std::uint64_t Certificates::count() const { return read_count(core_.store); }

Certificates::Page Certificates::list(std::optional<CertificateId> authority,
                                      Direction direction,
                                      const std::optional<CreationPlace>& after,
                                      std::size_t count) const {
    const CertificateId of = authority.value_or(CertificateId());
    CertificateByTime from{of, direction, 0, {}};
    const auto last = after ? CertificateId::from_hex(after->name) : std::nullopt;
    if (last) from = by_time(of, direction, after->created_at_us, *last);
    Page page;
    kCertificatesByTime.scan_prefix(
        core_.store, CertificatesOf{of, direction}, from, [&](const CertificateByTime& key, auto&) {
            if (last && key.id == *last) return true;
            if (page.rows.size() == count) {
                const auto& [id, record] = page.rows.back();
                page.next = CreationPlace{record.created_at_us(), id.hex()};
                return false;
            }
            if (auto record = find(key.id)) page.rows.emplace_back(key.id, *std::move(record));
            return true;
        });
    return page;
}

}  // namespace helio::bridge::registry
