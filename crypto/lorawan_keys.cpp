#include "crypto/lorawan_keys.h"

namespace helio::crypto {
namespace {

void put_little_endian(std::uint8_t* to, std::uint64_t value, int size) {
    for (int i = 0; i < size; ++i) to[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

Key128 key_of(const Block& block) { return Key128{block}; }

// One input block for 1.1: kind, JoinNonce, JoinEUI, DevNonce.
Block block_1_1(std::uint8_t kind,
                std::uint32_t join_nonce,
                Eui64 join_eui,
                std::uint16_t dev_nonce) {
    Block block{kind};
    put_little_endian(&block[1], join_nonce, 3);
    put_little_endian(&block[4], join_eui.value(), 8);
    put_little_endian(&block[12], dev_nonce, 2);
    return block;
}

Block block_of_device(std::uint8_t kind, Eui64 dev_eui) {
    Block block{kind};
    put_little_endian(&block[1], dev_eui.value(), 8);
    return block;
}

}  // namespace

SessionKeys derive_session_keys_1_0(const Key128& app_key,
                                    std::uint32_t join_nonce,
                                    std::uint32_t net_id,
                                    std::uint16_t dev_nonce) {
    Block block{0x01};
    put_little_endian(&block[1], join_nonce, 3);
    put_little_endian(&block[4], net_id, 3);
    put_little_endian(&block[7], dev_nonce, 2);
    const Key128 nwk_s_key = key_of(aes128_encrypt(app_key, block));
    block[0] = 0x02;
    return {nwk_s_key, nwk_s_key, nwk_s_key, key_of(aes128_encrypt(app_key, block))};
}

SessionKeys derive_session_keys_1_1(const Key128& nwk_key,
                                    const Key128& app_key,
                                    std::uint32_t join_nonce,
                                    Eui64 join_eui,
                                    std::uint16_t dev_nonce) {
    const auto derive = [&](const Key128& root, std::uint8_t kind) {
        return key_of(aes128_encrypt(root, block_1_1(kind, join_nonce, join_eui, dev_nonce)));
    };
    return {
        .f_nwk_s_int_key = derive(nwk_key, 0x01),
        .s_nwk_s_int_key = derive(nwk_key, 0x03),
        .nwk_s_enc_key = derive(nwk_key, 0x04),
        .app_s_key = derive(app_key, 0x02),
    };
}

JoinServerKeys derive_join_server_keys(const Key128& nwk_key, Eui64 dev_eui) {
    return {
        .js_int_key = key_of(aes128_encrypt(nwk_key, block_of_device(0x06, dev_eui))),
        .js_enc_key = key_of(aes128_encrypt(nwk_key, block_of_device(0x05, dev_eui))),
    };
}

void encrypt_join_accept(const Key128& key, std::span<std::uint8_t> body) {
    aes128_decrypt_blocks(key, body, body);
}

void decrypt_join_accept(const Key128& key, std::span<std::uint8_t> body) {
    aes128_encrypt_blocks(key, body, body);
}

}  // namespace helio::crypto
