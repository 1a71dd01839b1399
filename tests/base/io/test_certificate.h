// Throw-away certificates for TLS tests, made anew in each run.
#pragma once

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <string>

namespace helio::io {

struct TestCertificate {
    std::string certificate_pem;
    std::string key_pem;
};

// Self-signed, for the DNS name and 127.0.0.1.
inline TestCertificate make_test_certificate(const std::string& name) {
    EVP_PKEY* const key = EVP_EC_gen("P-256");
    X509* const x509 = X509_new();
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_NAME* const subject = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(subject,
                               "CN",
                               MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()),
                               -1,
                               -1,
                               0);
    X509_set_issuer_name(x509, subject);
    X509_set_pubkey(x509, key);
    const std::string names = "DNS:" + name + ",IP:127.0.0.1";
    X509_EXTENSION* const san =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names.c_str());
    X509_add_ext(x509, san, -1);
    X509_EXTENSION_free(san);
    X509_sign(x509, key, EVP_sha256());

    const auto text = [](auto write) {
        BIO* const bio = BIO_new(BIO_s_mem());
        write(bio);
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio, &data);
        std::string out(data, static_cast<std::size_t>(size));
        BIO_free(bio);
        return out;
    };
    TestCertificate made;
    made.certificate_pem = text([&](BIO* bio) { PEM_write_bio_X509(bio, x509); });
    made.key_pem = text([&](BIO* bio) {
        PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
    });
    X509_free(x509);
    EVP_PKEY_free(key);
    return made;
}

}  // namespace helio::io
