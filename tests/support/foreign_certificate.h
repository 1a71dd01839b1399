// Certificates as others make them, right and wrong, for tests only.
#pragma once

#include "base/bytes.h"
#include "base/time.h"

#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace helio::test {

struct ForeignSpec {
    std::string common_name = "device-7";
    Instant not_before{};  // zero: a day before `now`
    Instant not_after{};   // zero: a year after `now`
    bool authority = false;
    std::string key_usage = "critical,digitalSignature";  // empty: without
    std::string extended_key_usage = "clientAuth";        // empty: without
    int rsa_bits = 0;                                     // 0: P-256
    const char* digest = "SHA256";
    bool unknown_critical = false;  // an extension that nobody knows, which must be understood
};

struct Foreign {
    std::string pem;
    std::string key_pem;
    Bytes der;
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> x509;
};

inline std::string pem_text(const auto& write) {
    BIO* const bio = BIO_new(BIO_s_mem());
    write(bio);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    std::string out(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    return out;
}

inline void set_name(X509_NAME* name, const std::string& common_name) {
    X509_NAME_add_entry_by_txt(name,
                               "CN",
                               V_ASN1_UTF8STRING,
                               reinterpret_cast<const unsigned char*>(common_name.data()),
                               static_cast<int>(common_name.size()),
                               -1,
                               0);
}

inline std::shared_ptr<EVP_PKEY> make_key(int rsa_bits) {
    EVP_PKEY* const key =
        rsa_bits == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen(static_cast<unsigned>(rsa_bits));
    return {key, EVP_PKEY_free};
}

inline ForeignSpec authority_spec(const std::string& name = "Their CA") {
    return {.common_name = name,
            .authority = true,
            .key_usage = "critical,keyCertSign,cRLSign",
            .extended_key_usage = ""};
}

// Signed by `issuer`, or by itself.
inline Foreign make_foreign(const ForeignSpec& spec, Instant now, const Foreign* issuer = nullptr) {
    static long serial = 0;
    Foreign made;
    made.key = make_key(spec.rsa_bits);
    made.x509 = {X509_new(), X509_free};
    X509* const x509 = made.x509.get();
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
    const auto set_time = [](ASN1_TIME* time, Instant at) {
        ASN1_TIME_set(time, static_cast<std::time_t>(to_unix_us(at) / 1'000'000));
    };
    const auto or_else = [](Instant at, Instant otherwise) {
        return at == Instant{} ? otherwise : at;
    };
    set_time(X509_getm_notBefore(x509), or_else(spec.not_before, now - std::chrono::days(1)));
    set_time(X509_getm_notAfter(x509), or_else(spec.not_after, now + std::chrono::days(365)));
    set_name(X509_get_subject_name(x509), spec.common_name);
    X509_set_issuer_name(x509,
                         X509_get_subject_name(issuer == nullptr ? x509 : issuer->x509.get()));
    X509_set_pubkey(x509, made.key.get());
    const auto extend = [&](int nid, const std::string& value) {
        if (value.empty()) return;
        X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str());
        X509_add_ext(x509, extension, -1);
        X509_EXTENSION_free(extension);
    };
    extend(NID_basic_constraints, spec.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    extend(NID_key_usage, spec.key_usage);
    extend(NID_ext_key_usage, spec.extended_key_usage);
    if (spec.unknown_critical) {
        static const int nid = OBJ_create("1.3.6.1.4.1.99999.1", "testOnly", "testOnly");
        extend(nid, "critical,DER:0500");
    }
    X509_sign(x509,
              issuer == nullptr ? made.key.get() : issuer->key.get(),
              EVP_get_digestbyname(spec.digest));
    made.pem = pem_text([&](BIO* bio) { PEM_write_bio_X509(bio, x509); });
    made.key_pem = pem_text([&](BIO* bio) {
        PEM_write_bio_PrivateKey(bio, made.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    unsigned char* der = nullptr;
    const int size = i2d_X509(x509, &der);
    made.der.assign(der, der + size);
    OPENSSL_free(der);
    return made;
}

struct ForeignRequest {
    std::string pem;
    std::shared_ptr<EVP_PKEY> key;
};

enum class Signature : std::uint8_t { its_own, of_another_key };

inline ForeignRequest make_request(const std::string& common_name,
                                   int rsa_bits = 0,
                                   Signature signature = Signature::its_own) {
    ForeignRequest made{.pem = {}, .key = make_key(rsa_bits)};
    X509_REQ* const request = X509_REQ_new();
    set_name(X509_REQ_get_subject_name(request), common_name);
    X509_REQ_set_pubkey(request, made.key.get());
    const auto other = make_key(rsa_bits);
    X509_REQ_sign(
        request, signature == Signature::its_own ? made.key.get() : other.get(), EVP_sha256());
    made.pem = pem_text([&](BIO* bio) { PEM_write_bio_X509_REQ(bio, request); });
    X509_REQ_free(request);
    return made;
}

}  // namespace helio::test
