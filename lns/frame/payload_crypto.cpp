#include "lns/frame/payload_crypto.h"

#include <cassert>

namespace helio::lns {
namespace {

constexpr std::size_t kMaxBlocks = 16;  // 255 bytes

// Block A: 01, four bytes of which the last is `kind`, direction, DevAddr, FCnt, 0, block number.
crypto::Block block_a(std::uint8_t kind, const CipherInput& in, std::uint8_t number) {
    const auto a = in.dev_addr.wire();
    const auto f = [&](int shift) { return static_cast<std::uint8_t>(in.fcnt.value >> shift); };
    // clang-format off
    return {0x01, 0, 0, 0, kind,
            static_cast<std::uint8_t>(in.direction),
            a[0], a[1], a[2], a[3],
            f(0), f(8), f(16), f(24),
            0, number};
    // clang-format on
}

}  // namespace

void crypt_frm_payload(const crypto::Key128& key,
                       const CipherInput& input,
                       ByteView in,
                       std::span<std::uint8_t> out) {
    assert(in.size() == out.size() && in.size() <= 0xff);
    if (in.empty()) return;

    // All the blocks in one call: the key schedule and the way into OpenSSL cost more than a block.
    alignas(16) std::uint8_t stream[kMaxBlocks * 16];
    const std::size_t blocks = (in.size() + 15) / 16;
    crypto::Block a = block_a(0, input, 0);
    for (std::size_t i = 0; i < blocks; ++i) {
        a[15] = static_cast<std::uint8_t>(i + 1);
        std::copy(a.begin(), a.end(), stream + 16 * i);
    }
    const std::span<std::uint8_t> used(stream, 16 * blocks);
    crypto::aes128_encrypt_blocks(key, used, used);
    for (std::size_t i = 0; i < in.size(); ++i)
        out[i] = static_cast<std::uint8_t>(in[i] ^ stream[i]);
}

Bytes decrypt_frm_payload(const DataFrame& frame, FCnt32 fcnt, const crypto::Key128& key) {
    Bytes plain(frame.frm_payload.bytes.size());
    crypt_frm_payload(key, {frame.direction, frame.dev_addr, fcnt}, frame.frm_payload.bytes, plain);
    return plain;
}

void crypt_fopts_1_1(const crypto::Key128& nwk_s_enc_key,
                     const CipherInput& input,
                     FOptsCounter counter,
                     std::span<std::uint8_t> fopts) {
    assert(fopts.size() <= kMaxFOpts);
    const crypto::Block stream = crypto::aes128_encrypt(
        nwk_s_enc_key, block_a(static_cast<std::uint8_t>(counter), input, 1));
    for (std::size_t i = 0; i < fopts.size(); ++i) fopts[i] ^= stream[i];
}

}  // namespace helio::lns
