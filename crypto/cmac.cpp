#include "crypto/cmac.h"

#include "crypto/openssl_handles.h"

#include <openssl/crypto.h>

#include <cstring>

namespace helio::crypto {
namespace {

using namespace internal;

constexpr std::size_t kBlock = 16;

// The doubling in GF(2^128) that makes the subkeys K1 and K2.
Block doubled(const Block& in) {
    Block out;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const unsigned next = i + 1 < kBlock ? in[i + 1] >> 7 : 0u;
        out[i] = static_cast<std::uint8_t>(in[i] << 1 | next);
    }
    if ((in[0] & 0x80) != 0) out[kBlock - 1] ^= 0x87;
    return out;
}

void xor_into(std::uint8_t* to, const Block& from) {
    for (std::size_t i = 0; i < kBlock; ++i) to[i] ^= from[i];
}

// CMAC is CBC whose last block is whitened, and its last output block is the MAC.  OpenSSL's own
// CMAC sets up its state with several calls a key; plain CBC needs one.
class CbcContext {
  public:
    CbcContext()
        : cipher_(EVP_CIPHER_fetch(nullptr, "AES-128-CBC", nullptr)), ctx_(EVP_CIPHER_CTX_new()) {
        require(cipher_ && ctx_, "AES-128-CBC is not available");
        const Block iv{};
        require(EVP_EncryptInit_ex2(ctx_.get(), cipher_.get(), nullptr, iv.data(), nullptr),
                "AES-128-CBC cannot be set up");
        require(EVP_CIPHER_CTX_set_padding(ctx_.get(), 0), "AES-128-CBC cannot be set up");
    }

    void start(const Key128& key) {
        const Block iv{};
        require(EVP_EncryptInit_ex2(ctx_.get(), nullptr, key.bytes.data(), iv.data(), nullptr),
                "AES-128 key setup failed");
    }
    void encrypt(std::uint8_t* data, std::size_t size) {
        int written = 0;
        require(EVP_EncryptUpdate(ctx_.get(), data, &written, data, static_cast<int>(size)),
                "AES-128 failed");
    }

  private:
    EvpCipher cipher_;
    EvpCipherCtx ctx_;
};

// The message, gathered into blocks; encrypted when the buffer is full and more is to come.
class Gatherer {
  public:
    Gatherer(CbcContext& cbc, const Block& l) : cbc_(cbc) {
        // Encrypting the zero block for L has left L as the chaining value; adding L to the first
        // block takes it out again and saves a second set-up.
        whitening_ = l;
    }

    void add(ByteView part) {
        while (!part.empty()) {
            if (filled_ == sizeof(buffer_)) flush();
            const std::size_t n = std::min(part.size(), sizeof(buffer_) - filled_);
            std::memcpy(buffer_ + filled_, part.data(), n);
            filled_ += n;
            part = part.subspan(n);
        }
    }

    Block finish(const Block& l) {
        const bool whole = filled_ != 0 && filled_ % kBlock == 0;
        if (!whole) {
            buffer_[filled_++] = 0x80;
            while (filled_ % kBlock != 0) buffer_[filled_++] = 0;
        }
        const Block k1 = doubled(l);
        xor_into(buffer_ + filled_ - kBlock, whole ? k1 : doubled(k1));
        const std::size_t last = filled_ - kBlock;
        flush();
        Block mac;
        std::memcpy(mac.data(), buffer_ + last, kBlock);
        return mac;
    }

  private:
    void flush() {
        xor_into(buffer_, whitening_);
        whitening_ = {};
        cbc_.encrypt(buffer_, filled_);
        filled_ = 0;
    }

    CbcContext& cbc_;
    Block whitening_;
    // B0 and the largest PHYPayload together, in one encryption.
    alignas(16) std::uint8_t buffer_[17 * kBlock];
    std::size_t filled_ = 0;
};

}  // namespace

Block aes_cmac(const Key128& key, std::initializer_list<ByteView> parts) {
    thread_local CbcContext cbc;
    cbc.start(key);
    Block l{};
    cbc.encrypt(l.data(), l.size());

    Gatherer gatherer(cbc, l);
    for (const ByteView part : parts) gatherer.add(part);
    return gatherer.finish(l);
}

bool equal_in_constant_time(ByteView a, ByteView b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace helio::crypto
