#include "crypto/digest.h"

#include "crypto/openssl_handles.h"

#include <openssl/hmac.h>

#include <stdexcept>
#include <string>

namespace helio::crypto {
namespace {

// A fetch costs more than the digest: done once.
const EVP_MD* sha256_algorithm() {
    static const internal::Handle<EVP_MD, EVP_MD_free> kAlgorithm(
        EVP_MD_fetch(nullptr, "SHA256", nullptr));
    if (!kAlgorithm) throw std::runtime_error("OpenSSL has no SHA-256: check its configuration");
    return kAlgorithm.get();
}

}  // namespace

Sha256 sha256(ByteView message) {
    Sha256 out;
    if (EVP_Digest(
            message.data(), message.size(), out.data(), nullptr, sha256_algorithm(), nullptr) !=
        1) {
        throw std::runtime_error("OpenSSL could not compute SHA-256");
    }
    return out;
}

Bytes digest(Digest algorithm, ByteView message) {
    constexpr std::array<const char*, 6> kNames = {
        "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"};
    static std::array<internal::Handle<EVP_MD, EVP_MD_free>, kNames.size()> fetched;
    const auto index = static_cast<std::size_t>(algorithm);
    auto& md = fetched[index];
    if (!md) md.reset(EVP_MD_fetch(nullptr, kNames[index], nullptr));
    unsigned size = EVP_MAX_MD_SIZE;
    Bytes out(size);
    if (!md ||
        EVP_Digest(message.data(), message.size(), out.data(), &size, md.get(), nullptr) != 1) {
        throw std::runtime_error(std::string("OpenSSL could not compute ") + kNames[index]);
    }
    out.resize(size);
    return out;
}

Sha256 hmac_sha256(ByteView key, ByteView message) {
    Sha256 out;
    unsigned size = 0;
    if (HMAC(sha256_algorithm(),
             key.data(),
             static_cast<int>(key.size()),
             message.data(),
             message.size(),
             out.data(),
             &size) == nullptr) {
        throw std::runtime_error("OpenSSL could not compute HMAC-SHA-256");
    }
    return out;
}

}  // namespace helio::crypto
