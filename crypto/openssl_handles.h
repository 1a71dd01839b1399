// Owning handles for the OpenSSL objects we use, and the check of their return codes.  Included by
// crypto/*.cpp only.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

namespace helio::crypto::internal {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* p) const {
        Free(p);
    }
};
template <class T, auto Free>
using Handle = std::unique_ptr<T, Deleter<Free>>;

using EvpCipher = Handle<EVP_CIPHER, EVP_CIPHER_free>;
using EvpCipherCtx = Handle<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;

// A failure here is out of memory or a broken provider: nothing that the input could have caused.
inline void require(int ok, const char* what) {
    if (ok != 1) throw std::runtime_error(what);
}

}  // namespace helio::crypto::internal
