// CA certificates of others, and the registration code that proves whose they are.
#include "bridge/api/registry_common.h"
#include "bridge/api/registry_handlers.h"
#include "crypto/x509/certificate.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
namespace proto = registry::proto;
using registry::AuthorityRow;

bool is_template_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}
constexpr TextRule kTemplateNameRule{.min = 1,
                                     .max = 36,
                                     .allowed = is_template_name_character,
                                     .alphabet = "letters, digits, '_' and '-'"};

std::optional<proto::RegistrationConfig> read_registration(const Fields& body) {
    const auto in = body.object("registrationConfig");
    if (!in) return std::nullopt;
    proto::RegistrationConfig out;
    out.set_template_body(in->text("templateBody", {.max = 10'240}).value_or(""));
    out.set_role_arn(in->text("roleArn", {.min = 20, .max = 2048}).value_or(""));
    out.set_template_name(in->text("templateName", kTemplateNameRule).value_or(""));
    return out;
}

json::object json_of(const proto::RegistrationConfig& config) {
    json::object out;
    if (!config.template_body().empty()) out["templateBody"] = config.template_body();
    if (!config.role_arn().empty()) out["roleArn"] = config.role_arn();
    if (!config.template_name().empty()) out["templateName"] = config.template_name();
    return out;
}

json::object summary(const Context& context, const AuthorityRow& row) {
    return {{"certificateArn", context.iot.place().arn("cacert", row.first.hex())},
            {"certificateId", row.first.hex()},
            {"status", row.second.active() ? "ACTIVE" : "INACTIVE"},
            {"creationDate", epoch_seconds(row.second.created_at_us())}};
}

// Absent where the parameter is.
Result<std::optional<bool>, ApiError> choice_of(const Call& call,
                                                std::string_view name,
                                                std::string_view yes,
                                                std::string_view no) {
    const auto text = call.parameter(name);
    if (!text) return std::optional<bool>();
    if (*text == yes) return std::optional(true);
    if (*text == no) return std::optional(false);
    return fail(invalid_request(std::string(name) + " must be " + std::string(yes) + " or " +
                                std::string(no) + "."));
}

}  // namespace

Outcome register_ca_certificate(Context& context, const Call& call) {
    const auto active = flag_of(call, "setAsActive");
    if (!active) return fail(active.error());
    const auto automatic = flag_of(call, "allowAutoRegistration");
    if (!automatic) return fail(automatic.error());
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    registry::NewAuthority authority{.active = *active, .auto_registration = *automatic};
    authority.pem = body.required(
        body.text("caCertificate", kPemRule), "caCertificate", "must be a certificate in PEM");
    authority.verification_pem = body.text("verificationCertificate", kPemRule);
    authority.registration = read_registration(body).value_or(proto::RegistrationConfig());
    authority.tags = iot_tags(body);
    if (const auto mode = body.text("certificateMode")) {
        if (!proto::CertificateMode_Parse(*mode, &authority.mode)) {
            body.wrong("certificateMode", "must be DEFAULT or SNI_ONLY");
        }
    }
    if (problems.any()) return fail(invalid_request(problems.text()));
    const auto made = context.iot.authorities.add(authority, call.now);
    if (!made) return fail(refusal(made.error()));
    return reply_with(
        json::object{{"certificateArn", context.iot.place().arn("cacert", made->id.hex())},
                     {"certificateId", made->id.hex()}},
        made->position);
}

Outcome describe_ca_certificate(Context& context, const Call& call) {
    const auto id = certificate_id(call, "caCertificateId");
    if (!id) return fail(id.error());
    const auto found = context.iot.authorities.find(*id);
    if (!found) {
        return fail(refusal(registry::Error{registry::Error::Kind::not_found,
                                            "There is no CA certificate " + id->hex() + "."}));
    }
    json::object body = summary(context, {*id, *found});
    body["certificatePem"] = crypto::x509::to_pem(bytes_of(found->der()));
    body["ownedBy"] = context.config.account;
    body["autoRegistrationStatus"] = found->auto_registration() ? "ENABLE" : "DISABLE";
    body["lastModifiedDate"] = epoch_seconds(found->modified_at_us());
    body["customerVersion"] = found->customer_version();
    body["generationId"] = found->generation_id();
    body["validity"] = json::object{{"notBefore", epoch_seconds(found->not_before_us())},
                                    {"notAfter", epoch_seconds(found->not_after_us())}};
    body["certificateMode"] = proto::CertificateMode_Name(found->mode());
    json::object reply{{"certificateDescription", std::move(body)}};
    json::object config = json_of(found->registration());
    if (!config.empty()) reply["registrationConfig"] = std::move(config);
    return reply_with(reply);
}

Outcome update_ca_certificate(Context& context, const Call& call) {
    const auto id = certificate_id(call, "caCertificateId");
    if (!id) return fail(id.error());
    const auto active = choice_of(call, "newStatus", "ACTIVE", "INACTIVE");
    if (!active) return fail(active.error());
    const auto automatic = choice_of(call, "newAutoRegistrationStatus", "ENABLE", "DISABLE");
    if (!automatic) return fail(automatic.error());
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    registry::AuthorityChange change{.active = *active, .auto_registration = *automatic};
    change.registration = read_registration(body);
    if (body.flag("removeAutoRegistration").value_or(false)) {
        change.registration = proto::RegistrationConfig();
        change.auto_registration = false;
    }
    if (problems.any()) return fail(invalid_request(problems.text()));
    return outcome_of(context.iot.authorities.update(*id, change, call.now));
}

Outcome delete_ca_certificate(Context& context, const Call& call) {
    const auto id = certificate_id(call, "caCertificateId");
    if (!id) return fail(id.error());
    return outcome_of(context.iot.authorities.erase(*id));
}

Outcome list_ca_certificates(Context& context, const Call& call) {
    const auto page = marker_page(call);
    if (!page) return fail(page.error());
    const auto after = place_after(*page);
    if (!after) return fail(after.error());
    const auto found = context.iot.authorities.list(
        direction_of(*page), *after, page->size, call.parameter("templateName"));
    json::array rows;
    for (const AuthorityRow& row : found.rows) rows.push_back(summary(context, row));
    json::object body{{"certificates", std::move(rows)}};
    set_next(body, *page, found.next);
    return reply_with(body);
}

Outcome get_registration_code(Context& context, const Call&) {
    const auto code = context.iot.authorities.registration_code();
    return reply_with(json::object{{"registrationCode", code.text}}, code.position);
}

Outcome delete_registration_code(Context& context, const Call&) {
    return outcome_of(context.iot.authorities.erase_registration_code());
}

}  // namespace helio::bridge::api
