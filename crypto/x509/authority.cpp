#include "crypto/x509/authority.h"

#include "crypto/x509/handles.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace helio::crypto::x509 {
namespace {

using namespace internal;

// Positive, 127 random bits (RFC 5280 §4.1.2.2: at most 20 bytes, unique).
void set_serial(X509* x509, const Random& random) {
    std::array<std::uint8_t, 16> bytes{};
    random(bytes);
    bytes[0] = static_cast<std::uint8_t>((bytes[0] & 0x7f) | 0x40);
    BIGNUM* const number = BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr);
    BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509));
    BN_free(number);
}

void set_life(X509* x509, Instant now, Instant end) {
    const auto seconds = [](Instant at) {
        return static_cast<std::time_t>(to_unix_us(at) / 1'000'000);
    };
    ASN1_TIME_set(X509_getm_notBefore(x509), seconds(now - kBackdate));
    ASN1_TIME_set(X509_getm_notAfter(x509), seconds(end));
}

void set_subject(X509* x509, const std::string& common_name) {
    // RFC 5280 limits a common name to 64 characters; the alternative names carry the whole.
    const std::string cut = common_name.substr(0, 64);
    require(X509_NAME_add_entry_by_txt(X509_get_subject_name(x509),
                                       "CN",
                                       MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(cut.data()),
                                       static_cast<int>(cut.size()),
                                       -1,
                                       0),
            "a certificate's subject cannot be set");
}

void add_extension(X509* x509, X509* issuer, int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, x509, nullptr, nullptr, 0);
    const ExtensionHandle extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
    if (!extension) {
        ERR_clear_error();
        throw std::runtime_error("\"" + value + "\" cannot stand in a certificate");
    }
    require(X509_add_ext(x509, extension.get(), -1), "a certificate's extension cannot be added");
}

bool is_ip_address(const std::string& name) {
    const Handle<ASN1_OCTET_STRING, ASN1_OCTET_STRING_free> address(a2i_IPADDRESS(name.c_str()));
    ERR_clear_error();
    return address != nullptr;
}

std::string alternative_names(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        const bool is_address = is_ip_address(name);
        // The separator of OpenSSL's own syntax would let a name bring others along.
        if (name.empty() || name.find_first_of(",\n\r") != std::string::npos) {
            throw std::runtime_error("\"" + name + "\" is no host name and no IP address");
        }
        out += (out.empty() ? "" : ",") + std::string(is_address ? "IP:" : "DNS:") + name;
    }
    return out;
}

X509Handle new_certificate(EVP_PKEY* key, const Random& random) {
    X509Handle x509(X509_new());
    X509_set_version(x509.get(), X509_VERSION_3);
    set_serial(x509.get(), random);
    require(X509_set_pubkey(x509.get(), key), "a certificate's key cannot be set");
    return x509;
}

void sign(X509* x509, EVP_PKEY* key) {
    if (X509_sign(x509, key, EVP_sha256()) <= 0) {
        throw std::runtime_error("a certificate cannot be signed");
    }
}

CertificateAndKey as_pem(X509* x509, EVP_PKEY* key) {
    const BioHandle certificate = writer();
    PEM_write_bio_X509(certificate.get(), x509);
    const BioHandle secret = writer();
    PEM_write_bio_PKCS8PrivateKey(secret.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
    return {written(certificate), written(secret)};
}

X509Handle read_certificate(const std::string& pem) {
    X509Handle x509(PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    return x509;
}

KeyHandle read_key(const std::string& pem) {
    KeyHandle key(PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    return key;
}

struct Authority {
    X509Handle certificate;
    KeyHandle key;
};
Authority read_authority(const CertificateAndKey& pem) {
    Authority out{read_certificate(pem.certificate_pem), read_key(pem.key_pem)};
    if (!out.certificate || !out.key) {
        throw std::runtime_error("the certificate authority's certificate or key is no PEM");
    }
    return out;
}

// Whose name is set already.
void finish_device(X509* x509, const Authority& authority, Instant now) {
    X509* const issuer = authority.certificate.get();
    set_life(x509, now, kDeviceEnd);
    X509_set_issuer_name(x509, X509_get_subject_name(issuer));
    add_extension(x509, issuer, NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x509, issuer, NID_key_usage, "critical,digitalSignature");
    add_extension(x509, issuer, NID_ext_key_usage, "clientAuth");
    add_extension(x509, issuer, NID_subject_key_identifier, "hash");
    add_extension(x509, issuer, NID_authority_key_identifier, "keyid:always");
    sign(x509, authority.key.get());
}

std::string public_pem(EVP_PKEY* key) {
    const BioHandle bio = writer();
    PEM_write_bio_PUBKEY(bio.get(), key);
    return written(bio);
}

KeyHandle new_key() {
    KeyHandle key(EVP_EC_gen("P-256"));
    if (!key) throw std::runtime_error("OpenSSL makes no P-256 key");
    return key;
}

}  // namespace

CertificateAndKey make_authority(const std::string& common_name,
                                 Instant now,
                                 const Random& random) {
    const KeyHandle key = new_key();
    const X509Handle x509 = new_certificate(key.get(), random);
    set_life(x509.get(), now, now + kAuthorityLife);
    set_subject(x509.get(), common_name);
    X509_set_issuer_name(x509.get(), X509_get_subject_name(x509.get()));
    add_extension(x509.get(), x509.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add_extension(x509.get(), x509.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add_extension(x509.get(), x509.get(), NID_subject_key_identifier, "hash");
    sign(x509.get(), key.get());
    return as_pem(x509.get(), key.get());
}

CertificateAndKey issue_server_certificate(const CertificateAndKey& authority,
                                           const std::vector<std::string>& names,
                                           Instant now,
                                           const Random& random) {
    const auto [issuer, issuer_key] = read_authority(authority);
    if (names.empty()) throw std::runtime_error("a server certificate needs a name");
    const std::string alternatives = alternative_names(names);
    const KeyHandle key = new_key();
    const X509Handle x509 = new_certificate(key.get(), random);
    set_life(x509.get(), now, now + kServerLife);
    set_subject(x509.get(), names.front());
    X509_set_issuer_name(x509.get(), X509_get_subject_name(issuer.get()));
    add_extension(x509.get(), issuer.get(), NID_basic_constraints, "critical,CA:FALSE");
    add_extension(x509.get(), issuer.get(), NID_key_usage, "critical,digitalSignature");
    add_extension(x509.get(), issuer.get(), NID_ext_key_usage, "serverAuth");
    add_extension(x509.get(), issuer.get(), NID_subject_alt_name, alternatives);
    add_extension(x509.get(), issuer.get(), NID_subject_key_identifier, "hash");
    add_extension(x509.get(), issuer.get(), NID_authority_key_identifier, "keyid:always");
    sign(x509.get(), issuer_key.get());
    return as_pem(x509.get(), key.get());
}

DeviceIdentity issue_device_identity(const CertificateAndKey& authority,
                                     Instant now,
                                     const Random& random) {
    const Authority issuer = read_authority(authority);
    const KeyHandle key = new_key();
    const X509Handle x509 = new_certificate(key.get(), random);
    set_subject(x509.get(), "AWS IoT Certificate");
    finish_device(x509.get(), issuer, now);
    CertificateAndKey pem = as_pem(x509.get(), key.get());
    return {std::move(pem.certificate_pem), public_pem(key.get()), std::move(pem.key_pem)};
}

std::string_view describe(RequestFault fault) {
    switch (fault) {
        case RequestFault::no_request:
            return "The text is no certificate signing request in PEM.";
        case RequestFault::bad_signature:
            return "The signing request is not signed by its own key.";
        case RequestFault::weak_key:
            return "The key is too weak: RSA of 2048 bits or an elliptic curve of 256 are needed.";
        case RequestFault::bad_name:
            break;
    }
    return "The subject has a control character, or is too long.";
}

Result<std::string, RequestFault> issue_for_request(const CertificateAndKey& authority,
                                                    std::string_view request_pem,
                                                    Instant now,
                                                    const Random& random) {
    const RequestHandle request(
        PEM_read_bio_X509_REQ(reader(request_pem).get(), nullptr, nullptr, nullptr));
    EVP_PKEY* const key = request ? X509_REQ_get0_pubkey(request.get()) : nullptr;
    const bool own = key != nullptr && X509_REQ_verify(request.get(), key) == 1;
    ERR_clear_error();
    if (!request) return fail(RequestFault::no_request);
    if (!own) return fail(RequestFault::bad_signature);
    if (EVP_PKEY_get_security_bits(key) < kMinSecurityBits) return fail(RequestFault::weak_key);
    const X509_NAME* const name = X509_REQ_get_subject_name(request.get());
    if (!is_plain_name(name)) return fail(RequestFault::bad_name);

    const Authority issuer = read_authority(authority);
    const X509Handle x509 = new_certificate(key, random);
    require(X509_set_subject_name(x509.get(), name), "a certificate's subject cannot be set");
    finish_device(x509.get(), issuer, now);
    const BioHandle bio = writer();
    PEM_write_bio_X509(bio.get(), x509.get());
    return written(bio);
}

bool belong_together(const CertificateAndKey& pair) {
    const X509Handle x509 = read_certificate(pair.certificate_pem);
    const KeyHandle key = read_key(pair.key_pem);
    const bool fits = x509 && key && X509_check_private_key(x509.get(), key.get()) == 1;
    ERR_clear_error();
    return fits;
}

bool is_issued_by(const std::string& certificate_pem, const std::string& authority_pem) {
    const X509Handle x509 = read_certificate(certificate_pem);
    const X509Handle issuer = read_certificate(authority_pem);
    const bool fits = x509 && issuer && X509_check_issued(issuer.get(), x509.get()) == X509_V_OK &&
                      X509_verify(x509.get(), X509_get0_pubkey(issuer.get())) == 1;
    ERR_clear_error();
    return fits;
}

}  // namespace helio::crypto::x509
