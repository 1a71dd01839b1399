// The keys of a LoRaWAN session, derived from a device's root keys at each join (TS001 §6.2).
//
// A 1.0 session has one network key; it is given as all three of the 1.1 names, so that code that
// signs and decrypts need not ask for the version.
#pragma once

#include "base/eui64.h"
#include "crypto/aes.h"

namespace helio::crypto {

struct SessionKeys {
    Key128 f_nwk_s_int_key;  // 1.0: NwkSKey
    Key128 s_nwk_s_int_key;  // 1.0: NwkSKey
    Key128 nwk_s_enc_key;    // 1.0: NwkSKey
    Key128 app_s_key;
    friend bool operator==(const SessionKeys&, const SessionKeys&) = default;
};

// `join_nonce` (1.0: AppNonce) and `net_id` are 24-bit numbers.  A 1.1 device that joins a 1.0
// server uses its NwkKey as the AppKey here.
SessionKeys derive_session_keys_1_0(const Key128& app_key,
                                    std::uint32_t join_nonce,
                                    std::uint32_t net_id,
                                    std::uint16_t dev_nonce);

SessionKeys derive_session_keys_1_1(const Key128& nwk_key,
                                    const Key128& app_key,
                                    std::uint32_t join_nonce,
                                    Eui64 join_eui,
                                    std::uint16_t dev_nonce);

// What signs a 1.1 join-accept and encrypts the one that answers a rejoin.
struct JoinServerKeys {
    Key128 js_int_key;
    Key128 js_enc_key;
    friend bool operator==(const JoinServerKeys&, const JoinServerKeys&) = default;
};
JoinServerKeys derive_join_server_keys(const Key128& nwk_key, Eui64 dev_eui);

// A join-accept is *decrypted* to be sent, so that a device needs only AES encryption to read it.
// `body` is everything after the MHDR, the MIC included: 16 or 32 bytes, changed in place.
void encrypt_join_accept(const Key128& key, std::span<std::uint8_t> body);
void decrypt_join_accept(const Key128& key, std::span<std::uint8_t> body);

}  // namespace helio::crypto
