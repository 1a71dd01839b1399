// AES-128 of whole blocks, without chaining (ECB): the one primitive that LoRaWAN is made of.
//
// Fixed-size keys and blocks cannot be refused, so nothing here returns an error: an OpenSSL
// failure is out of memory or a broken provider, and throws.  Each thread keeps its own cipher
// contexts, so that a call costs a key schedule and no allocation.
#pragma once

#include "base/bytes.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace helio::crypto {

using Block = std::array<std::uint8_t, 16>;

struct Key128 {
    std::array<std::uint8_t, 16> bytes{};

    // Absent where `raw` does not hold 16 bytes.
    static constexpr std::optional<Key128> from_bytes(ByteView raw) {
        if (raw.size() != 16) return std::nullopt;
        Key128 key;
        std::ranges::copy(raw, key.bytes.begin());
        return key;
    }
    friend bool operator==(const Key128&, const Key128&) = default;
};

Block aes128_encrypt(const Key128& key, const Block& block);

// `in` and `out` have the same size, a multiple of 16, and are the same memory or do not overlap.
void aes128_encrypt_blocks(const Key128& key, ByteView in, std::span<std::uint8_t> out);
void aes128_decrypt_blocks(const Key128& key, ByteView in, std::span<std::uint8_t> out);

}  // namespace helio::crypto
