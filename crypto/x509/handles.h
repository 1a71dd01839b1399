// Owning handles for OpenSSL's X.509 objects.  Included by crypto/x509/*.cpp only.
#pragma once

#include "crypto/openssl_handles.h"

#include <openssl/bio.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <string>
#include <string_view>

namespace helio::crypto::x509::internal {

using crypto::internal::Handle;
using crypto::internal::require;

using BioHandle = Handle<BIO, BIO_free>;
using X509Handle = Handle<X509, X509_free>;
using KeyHandle = Handle<EVP_PKEY, EVP_PKEY_free>;
using ExtensionHandle = Handle<X509_EXTENSION, X509_EXTENSION_free>;
using RequestHandle = Handle<X509_REQ, X509_REQ_free>;
using NamesHandle = Handle<GENERAL_NAMES, GENERAL_NAMES_free>;

inline BioHandle reader(std::string_view text) {
    return BioHandle(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}
// RSA of 2048 bits has 112, NIST P-256 128.
inline constexpr int kMinSecurityBits = 112;

// No control characters, at most 32 parts of 256 bytes.
bool is_plain_name(const X509_NAME* name);

inline BioHandle writer() { return BioHandle(BIO_new(BIO_s_mem())); }
inline std::string written(const BioHandle& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

}  // namespace helio::crypto::x509::internal
