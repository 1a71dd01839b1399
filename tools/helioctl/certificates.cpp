#include "crypto/x509/certificate.h"
#include "tools/helioctl/files.h"
#include "tools/helioctl/identity_verbs.h"
#include "tools/helioctl/output.h"

#include <boost/json.hpp>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

constexpr const char* kService = "iot";
constexpr std::size_t kIdDigits = 64;
constexpr std::size_t kShownDigits = 12;

// What is there stays: a key that is lost cannot be made again.
void write_new_file(const std::string& path, const std::string& text, mode_t mode) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) {
        throw CtlError(
            fmt::format("{} cannot be written: it is there already, or its folder cannot "
                        "be written; choose another name with --out.",
                        path));
    }
    const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    if (::close(fd) != 0 || !written) throw CtlError(path + " cannot be written.");
}

std::string flag(const char* name, bool value) {
    return fmt::format("{}={}", name, value ? "true" : "false");
}

void set_status(Session& session, const std::string& certificate, const char* status) {
    const std::string id = certificate_id(session, certificate);
    session.client().call(
        "PUT", fmt::format("/certificates/{}?newStatus={}", id, status), {}, kService);
    session.show(json::object{{"certificateId", id}, {"status", status}},
                 fmt::format("The certificate {} is {}.\n", id.substr(0, kShownDigits), status));
}

json::object describe(Session& session, const std::string& id) {
    return session.client()
        .get("/certificates/" + escape(id), kService)
        .at("certificateDescription")
        .as_object();
}

// {"certificateArn", "certificateId", "certificatePem", and "keyPair" where the server made it}
json::object make_certificate(Session& session, const CertCreate& options) {
    const std::string active = flag("setAsActive", !options.inactive);
    if (options.csr.empty()) {
        return session.client().post("/keys-and-certificate?" + active, {}, kService);
    }
    return session.client().post(
        "/certificates?" + active,
        json::object{{"certificateSigningRequest", read_file(options.csr)}},
        kService);
}

}  // namespace

std::string certificate_id(Session& session, const std::string& id_or_file) {
    if (id_or_file.size() == kIdDigits) return id_or_file;
    if (std::filesystem::exists(id_or_file)) {
        const auto certificate = crypto::x509::parse_pem(read_file(id_or_file));
        if (!certificate) throw CtlError(id_or_file + " has no certificate in PEM.");
        return certificate->fingerprint();
    }
    std::string found;
    for (const json::value& row : session.all("/certificates", "certificates", kService)) {
        const std::string id = member(row.as_object(), "certificateId");
        if (!id.starts_with(id_or_file)) continue;
        if (!found.empty()) {
            throw CtlError(
                fmt::format("Several certificates begin with {}: say more of the id.", id_or_file));
        }
        found = id;
    }
    if (found.empty()) {
        throw CtlError(fmt::format(
            "No certificate begins with {}, and there is no such file: `helioctl cert list`.",
            id_or_file));
    }
    return found;
}

void cert_create(Session& session, const CertCreate& options) {
    // Before anything is made: a key that cannot be written is lost.
    for (const char* ending : {".pem", ".key"}) {
        if (!options.out.empty() && std::filesystem::exists(options.out + ending)) {
            throw CtlError(fmt::format(
                "{}{} is there already: choose another name with --out.", options.out, ending));
        }
    }
    const json::object made = make_certificate(session, options);
    const std::string id = member(made, "certificateId");
    const std::string arn = member(made, "certificateArn");
    for (const std::string& policy : options.policies) policy_attach(session, {policy, arn});
    for (const std::string& thing : options.things) thing_attach(session, {thing, id, false});
    std::string text =
        fmt::format("Made the {}certificate {}.\n", options.inactive ? "inactive " : "", id);
    if (options.out.empty()) {
        text += member(made, "certificatePem");
        if (made.contains("keyPair")) text += member(made, "keyPair.PrivateKey");
    } else {
        if (made.contains("keyPair")) {
            write_new_file(options.out + ".key", member(made, "keyPair.PrivateKey"), 0600);
        }
        write_new_file(options.out + ".pem", member(made, "certificatePem"), 0644);
        text += fmt::format("It is in {0}.pem{1}.\n",
                            options.out,
                            made.contains("keyPair")
                                ? ", its key in " + options.out + ".key and nowhere else"
                                : "");
    }
    session.show(made, text);
}

void cert_register(Session& session, const CertRegister& options) {
    json::object body{{"certificatePem", read_file(options.file)},
                      {"status", options.inactive ? "INACTIVE" : "ACTIVE"}};
    if (!options.ca_file.empty()) body["caCertificatePem"] = read_file(options.ca_file);
    const json::object made = session.client().post(
        options.without_ca ? "/certificate/register-no-ca" : "/certificate/register",
        body,
        kService);
    session.show(made,
                 fmt::format("Registered the certificate {}.\n", member(made, "certificateId")));
}

void cert_list(Session& session) {
    json::array rows = session.all("/certificates?pageSize=250", "certificates", kService);
    Table table({"ID", "STATUS", "MODE"});
    for (const json::value& row : rows) {
        const json::object& one = row.as_object();
        table.add(
            {member(one, "certificateId"), member(one, "status"), member(one, "certificateMode")});
    }
    session.show(rows, table.text("There is no certificate: `helioctl cert create --out device`."));
}

void cert_show(Session& session, const std::string& certificate) {
    const std::string id = certificate_id(session, certificate);
    json::object body = describe(session, id);
    const std::string arn = member(body, "certificateArn");
    const json::object policies =
        session.client().post("/attached-policies/" + escape(arn), {}, kService);
    body["policies"] = policies.at("policies");
    std::string text;
    if (const auto read = crypto::x509::parse_pem(member(body, "certificatePem"))) {
        text = fmt::format("subject: {}\nissuer: {}\n", read->subject, read->issuer);
    }
    session.show(body, text + lines_of(body));
}

void cert_activate(Session& session, const std::string& certificate) {
    set_status(session, certificate, "ACTIVE");
}
void cert_deactivate(Session& session, const std::string& certificate) {
    set_status(session, certificate, "INACTIVE");
}
void cert_revoke(Session& session, const std::string& certificate) {
    set_status(session, certificate, "REVOKED");
}

void cert_delete(Session& session, const CertDelete& options) {
    const std::string id = certificate_id(session, options.certificate);
    if (options.force) {
        session.client().call(
            "PUT", fmt::format("/certificates/{}?newStatus=INACTIVE", id), {}, kService);
    }
    session.client().call(
        "DELETE",
        fmt::format("/certificates/{}?{}", id, flag("forceDelete", options.force)),
        {},
        kService);
    session.show(json::object{{"certificateId", id}},
                 fmt::format("Deleted the certificate {}.\n", id));
}

void ca_register(Session& session, const CaRegister& options) {
    json::object body{{"caCertificate", read_file(options.file)}};
    if (options.verification_file.empty()) {
        body["certificateMode"] = "SNI_ONLY";
    } else {
        body["verificationCertificate"] = read_file(options.verification_file);
    }
    const json::object made =
        session.client().post(fmt::format("/cacertificate?{}&{}",
                                          flag("setAsActive", !options.inactive),
                                          flag("allowAutoRegistration", options.auto_register)),
                              body,
                              kService);
    session.show(made,
                 fmt::format("Registered the CA certificate {}.\n", member(made, "certificateId")));
}

void ca_list(Session& session) {
    json::array rows = session.all("/cacertificates?pageSize=250", "certificates", kService);
    Table table({"ID", "STATUS"});
    for (const json::value& row : rows) {
        table.add({member(row.as_object(), "certificateId"), member(row.as_object(), "status")});
    }
    session.show(rows, table.text("There is no CA certificate: `helioctl ca register FILE`."));
}

void ca_code(Session& session) {
    const json::object body = session.client().get("/registrationcode", kService);
    session.show(body, member(body, "registrationCode") + '\n');
}

}  // namespace helio::ctl
