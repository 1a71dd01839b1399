// Certificates of devices: issue, register, describe, list, change their status, delete.
#include "bridge/api/registry_common.h"
#include "bridge/api/registry_handlers.h"
#include "crypto/x509/certificate.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
namespace proto = registry::proto;
using registry::CertificateId;

constexpr std::string_view kStatuses =
    "must be ACTIVE, INACTIVE, REVOKED, PENDING_TRANSFER, REGISTER_INACTIVE or PENDING_ACTIVATION";

std::string arn_of_certificate(const Context& context, const CertificateId& id) {
    return context.iot.place().arn("cert", id.hex());
}

proto::CertificateStatus status_for(bool active) {
    return active ? proto::ACTIVE : proto::INACTIVE;
}

json::object made_json(const Context& context, const registry::MadeCertificate& made) {
    return {{"certificateArn", arn_of_certificate(context, made.id)},
            {"certificateId", made.id.hex()}};
}

json::object summary(const Context& context,
                     const CertificateId& id,
                     const proto::Certificate& certificate) {
    return {{"certificateArn", arn_of_certificate(context, id)},
            {"certificateId", id.hex()},
            {"status", proto::CertificateStatus_Name(certificate.status())},
            {"certificateMode", proto::CertificateMode_Name(certificate.mode())},
            {"creationDate", epoch_seconds(certificate.created_at_us())}};
}

struct Registration {
    std::string pem;
    std::optional<std::string> authority_pem;
    proto::CertificateStatus status = proto::INACTIVE;
};
Result<Registration, ApiError> read_registration(const Call& call) {
    const auto active = flag_of(call, "setAsActive");
    if (!active) return fail(active.error());
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    Registration out{.status = status_for(*active)};
    out.pem = body.required(
        body.text("certificatePem", kPemRule), "certificatePem", "must be a certificate in PEM");
    out.authority_pem = body.text("caCertificatePem", kPemRule);
    if (const auto status = body.text("status")) {
        if (!proto::CertificateStatus_Parse(*status, &out.status)) body.wrong("status", kStatuses);
    }
    if (problems.any()) return fail(invalid_request(problems.text()));
    return out;
}

Outcome finish(const Context& context,
               const Result<registry::MadeCertificate, registry::Error>& made) {
    if (!made) return fail(refusal(made.error()));
    return reply_with(made_json(context, *made), made->position);
}

Outcome list_page(Context& context, const Call& call, std::optional<CertificateId> authority) {
    const auto page = marker_page(call);
    if (!page) return fail(page.error());
    const auto after = place_after(*page);
    if (!after) return fail(after.error());
    const auto found =
        context.iot.certificates.list(authority, direction_of(*page), *after, page->size);
    json::array rows;
    for (const auto& [id, certificate] : found.rows) {
        rows.push_back(summary(context, id, certificate));
    }
    json::object body{{"certificates", std::move(rows)}};
    set_next(body, *page, found.next);
    return reply_with(body);
}

}  // namespace

Outcome create_keys_and_certificate(Context& context, const Call& call) {
    const auto active = flag_of(call, "setAsActive");
    if (!active) return fail(active.error());
    const auto made = context.iot.certificates.issue(status_for(*active), call.now);
    if (!made) return fail(refusal(made.error()));
    json::object body = made_json(context, made->certificate);
    body["certificatePem"] = made->certificate.pem;
    body["keyPair"] =
        json::object{{"PublicKey", made->public_key_pem}, {"PrivateKey", made->private_key_pem}};
    return reply_with(body, made->certificate.position);
}

Outcome create_certificate_from_csr(Context& context, const Call& call) {
    const auto active = flag_of(call, "setAsActive");
    if (!active) return fail(active.error());
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields fields(*input, "", problems);
    const std::string request =
        fields.required(fields.text("certificateSigningRequest", {.min = 1, .max = 4096}),
                        "certificateSigningRequest",
                        "must be a signing request in PEM");
    if (problems.any()) return fail(invalid_request(problems.text()));
    const auto made =
        context.iot.certificates.issue_for_request(request, status_for(*active), call.now);
    if (!made) return fail(refusal(made.error()));
    json::object body = made_json(context, *made);
    body["certificatePem"] = made->pem;
    return reply_with(body, made->position);
}

Outcome register_certificate(Context& context, const Call& call) {
    const auto input = read_registration(call);
    if (!input) return fail(input.error());
    return finish(
        context,
        context.iot.certificates.add(input->pem, input->authority_pem, input->status, call.now));
}

Outcome register_certificate_without_ca(Context& context, const Call& call) {
    const auto input = read_registration(call);
    if (!input) return fail(input.error());
    return finish(
        context,
        context.iot.certificates.add_without_authority(input->pem, input->status, call.now));
}

Outcome describe_certificate(Context& context, const Call& call) {
    const auto id = certificate_id(call, "certificateId");
    if (!id) return fail(id.error());
    const auto found = context.iot.certificates.find(*id);
    if (!found) {
        return fail(refusal(registry::Error{registry::Error::Kind::not_found,
                                            "There is no certificate " + id->hex() + "."}));
    }
    json::object body = summary(context, *id, *found);
    body["certificatePem"] = crypto::x509::to_pem(bytes_of(found->der()));
    body["ownedBy"] = context.config.account;
    body["lastModifiedDate"] = epoch_seconds(found->modified_at_us());
    body["customerVersion"] = found->customer_version();
    body["generationId"] = found->generation_id();
    body["transferData"] = json::object();
    body["validity"] = json::object{{"notBefore", epoch_seconds(found->not_before_us())},
                                    {"notAfter", epoch_seconds(found->not_after_us())}};
    if (!found->authority_id().empty()) {
        body["caCertificateId"] = to_hex(bytes_of(found->authority_id()));
    }
    return reply_with(json::object{{"certificateDescription", std::move(body)}});
}

Outcome update_certificate(Context& context, const Call& call) {
    const auto id = certificate_id(call, "certificateId");
    if (!id) return fail(id.error());
    proto::CertificateStatus status{};
    const std::string wanted(call.parameter("newStatus").value_or(""));
    if (!proto::CertificateStatus_Parse(wanted, &status)) {
        return fail(invalid_request(std::string("newStatus ") + std::string(kStatuses) + "."));
    }
    return outcome_of(context.iot.certificates.set_status(*id, status, call.now));
}

Outcome delete_certificate(Context& context, const Call& call) {
    const auto id = certificate_id(call, "certificateId");
    if (!id) return fail(id.error());
    const auto force = flag_of(call, "forceDelete");
    if (!force) return fail(force.error());
    using registry::Certificates;
    return outcome_of(context.iot.certificates.erase(
        *id,
        *force ? Certificates::Policies::are_detached : Certificates::Policies::must_be_detached));
}

Outcome list_certificates(Context& context, const Call& call) {
    return list_page(context, call, std::nullopt);
}

Outcome list_certificates_by_ca(Context& context, const Call& call) {
    const auto authority = certificate_id(call, "caCertificateId");
    if (!authority) return fail(authority.error());
    return list_page(context, call, *authority);
}

}  // namespace helio::bridge::api
