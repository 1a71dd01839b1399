#include "crypto/aes.h"

#include "crypto/openssl_handles.h"

#include <cassert>

namespace helio::crypto {
namespace {

using namespace internal;

// A context that has its cipher for good; a call gives it the next key.  Fetching the cipher a call
// would cost more than the encryption.
class EcbContext {
  public:
    explicit EcbContext(int encrypt)
        : cipher_(EVP_CIPHER_fetch(nullptr, "AES-128-ECB", nullptr)), ctx_(EVP_CIPHER_CTX_new()) {
        require(cipher_ && ctx_, "AES-128-ECB is not available");
        require(EVP_CipherInit_ex2(ctx_.get(), cipher_.get(), nullptr, nullptr, encrypt, nullptr),
                "AES-128-ECB cannot be set up");
        require(EVP_CIPHER_CTX_set_padding(ctx_.get(), 0), "AES-128-ECB cannot be set up");
    }

    void run(const Key128& key, ByteView in, std::span<std::uint8_t> out) {
        require(EVP_CipherInit_ex2(ctx_.get(), nullptr, key.bytes.data(), nullptr, -1, nullptr),
                "AES-128 key setup failed");
        int size = 0;
        require(
            EVP_CipherUpdate(ctx_.get(), out.data(), &size, in.data(), static_cast<int>(in.size())),
            "AES-128 failed");
    }

  private:
    EvpCipher cipher_;
    EvpCipherCtx ctx_;
};

}  // namespace

Block aes128_encrypt(const Key128& key, const Block& block) {
    Block out;
    aes128_encrypt_blocks(key, block, out);
    return out;
}

void aes128_encrypt_blocks(const Key128& key, ByteView in, std::span<std::uint8_t> out) {
    assert(in.size() == out.size() && in.size() % 16 == 0);
    thread_local EcbContext context(1);
    context.run(key, in, out);
}

void aes128_decrypt_blocks(const Key128& key, ByteView in, std::span<std::uint8_t> out) {
    assert(in.size() == out.size() && in.size() % 16 == 0);
    thread_local EcbContext context(0);
    context.run(key, in, out);
}

}  // namespace helio::crypto
