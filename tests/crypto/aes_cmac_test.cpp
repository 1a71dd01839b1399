#include "crypto/aes.h"
#include "crypto/cmac.h"
#include "tests/support/vectors.h"

using namespace helio;
using namespace helio::crypto;
using helio::test::vectors_of;

namespace {

Key128 key_of(const char* hex) { return Key128::from_bytes(*from_hex(hex)).value(); }

}  // namespace

TEST_CASE("CMAC agrees with RFC 4493", "[crypto]") {
    for (const auto& v : vectors_of("aes_cmac")) {
        CAPTURE(v.describe());
        const Key128 key = Key128::from_bytes(v.hex("key")).value();
        const Block mac = aes_cmac(key, {v.hex("message")});
        CHECK(to_hex(mac) == v.text("mac"));
    }
}

TEST_CASE("a MAC of parts is the MAC of the whole, wherever it is parted", "[crypto]") {
    // Longer than the buffer that blocks are gathered in.
    Bytes message(700);
    for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(i * 7);
    const Key128 key = key_of("000102030405060708090a0b0c0d0e0f");
    for (const std::size_t size :
         {0u, 1u, 15u, 16u, 17u, 271u, 272u, 273u, 288u, 544u, 545u, 700u}) {
        const ByteView whole = ByteView(message).first(size);
        const Block mac = aes_cmac(key, {whole});
        for (const std::size_t cut : {0u, 1u, 16u, 100u, 272u, 273u}) {
            if (cut > size) continue;
            CAPTURE(size, cut);
            CHECK(aes_cmac(key, {whole.first(cut), whole.subspan(cut)}) == mac);
        }
    }
    // Made with another implementation (pyca/cryptography): at the border of the buffer and beyond.
    CHECK(to_hex(aes_cmac(key, {ByteView(message).first(272)})) ==
          "6246c095bf13b182b39d5ea3d32a31db");
    CHECK(to_hex(aes_cmac(key, {ByteView(message).first(273)})) ==
          "ea0ba523317b37c84406806b690443c5");
    CHECK(to_hex(aes_cmac(key, {message})) == "33622a35f310d3da62762042df2660ce");
}

TEST_CASE("AES-128 agrees with FIPS 197, one block or many, both ways", "[crypto]") {
    // FIPS 197 appendix C.1
    const Key128 key = key_of("000102030405060708090a0b0c0d0e0f");
    const Bytes plain = *from_hex("00112233445566778899aabbccddeeff");
    const std::string cipher = "69c4e0d86a7b0430d8cdb78070b4c55a";
    Block block;
    std::copy(plain.begin(), plain.end(), block.begin());
    CHECK(to_hex(aes128_encrypt(key, block)) == cipher);

    Bytes three;
    for (int i = 0; i < 3; ++i) three.insert(three.end(), plain.begin(), plain.end());
    Bytes out(48);
    aes128_encrypt_blocks(key, three, out);
    CHECK(to_hex(out) == cipher + cipher + cipher);
    aes128_decrypt_blocks(key, out, out);
    CHECK(out == three);
}

TEST_CASE("a kept cipher context takes the next key and forgets the last", "[crypto]") {
    const Key128 a = key_of("2b7e151628aed2a6abf7158809cf4f3c");
    const Key128 b = key_of("000102030405060708090a0b0c0d0e0f");
    const Bytes message(48, 0x5a);
    const Block with_a = aes_cmac(a, {message});
    const Block with_b = aes_cmac(b, {message});
    CHECK(with_a != with_b);
    CHECK(aes_cmac(a, {message}) == with_a);
    CHECK(aes_cmac(b, {message}) == with_b);
}

TEST_CASE("equality in constant time is equality", "[crypto]") {
    const Bytes a = {1, 2, 3, 4};
    CHECK(equal_in_constant_time(a, Bytes{1, 2, 3, 4}));
    CHECK_FALSE(equal_in_constant_time(a, Bytes{1, 2, 3, 5}));
    CHECK_FALSE(equal_in_constant_time(a, Bytes{0, 2, 3, 4}));
    CHECK_FALSE(equal_in_constant_time(a, Bytes{1, 2, 3}));
}

TEST_CASE("a key is 16 bytes", "[crypto]") {
    CHECK(Key128::from_bytes(Bytes(16)));
    CHECK_FALSE(Key128::from_bytes(Bytes(15)));
    CHECK_FALSE(Key128::from_bytes(Bytes(17)));
    CHECK_FALSE(Key128::from_bytes({}));
}
