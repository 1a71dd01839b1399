#include "lns/frame/mic.h"

#include "lns/frame/payload_crypto.h"
#include "tests/lns/lorawan_vectors.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

TEST_CASE("data MICs are made as other servers make them", "[lns][frame]") {
    for (const auto& v : vectors_of("data_mic")) {
        CAPTURE(v.describe());
        const Bytes msg = v.hex("msg");
        const MicInput input{
            direction_of(v),
            dev_addr_of(v),
            {v.number("FCnt")},
            v.has("ConfFCnt") ? v.number<std::uint16_t>("ConfFCnt") : std::uint16_t{0}};
        Mic mic;
        if (v.text("mac_version") == "1.0") {
            mic = data_mic(key_of(v, "key"), input, msg);
        } else if (input.direction == Direction::down) {
            mic = data_mic(key_of(v, "SNwkSIntKey"), input, msg);
        } else {
            const crypto::Key128 f = key_of(v, "FNwkSIntKey");
            const crypto::Key128 s = key_of(v, "SNwkSIntKey");
            mic = uplink_mic_1_1(
                {f, s}, input, v.number<std::uint8_t>("TxDr"), v.number<std::uint8_t>("TxCh"), msg);
        }
        CHECK(to_hex(mic) == v.text("MIC"));
    }
}

TEST_CASE("the second half of a 1.1 uplink MIC is the first of the 1.0 one under FNwkSIntKey",
          "[lns][frame]") {
    const crypto::Key128 f{{1, 2, 3}};
    const crypto::Key128 s{{4, 5, 6}};
    const MicInput input{Direction::up, DevAddr::from_value(0x2601f00d), {70'000}, 513};
    const Bytes msg = *from_hex("400df00126200d0003b4");
    const Mic both = uplink_mic_1_1({f, s}, input, 3, 8, msg);
    const Mic alone = data_mic(f, {input.direction, input.dev_addr, input.fcnt}, msg);
    CHECK(both[2] == alone[0]);
    CHECK(both[3] == alone[1]);
    // Channel and data rate are only in the first half.
    const Mic elsewhere = uplink_mic_1_1({f, s}, input, 3, 9, msg);
    CHECK(elsewhere[2] == both[2]);
    CHECK(elsewhere != both);
}

TEST_CASE("payloads are ciphered as other servers cipher them", "[lns][frame]") {
    for (const auto& v : vectors_of("frm_payload_crypt")) {
        CAPTURE(v.describe());
        const CipherInput input{direction_of(v), dev_addr_of(v), {v.number("FCnt")}};
        Bytes data = v.hex("plaintext");
        const auto kind = v.number("A_block_byte4");
        if (kind == 0) {
            crypt_frm_payload(key_of(v, "key"), input, data, data);
        } else {
            crypt_fopts_1_1(key_of(v, "key"), input, static_cast<FOptsCounter>(kind), data);
        }
        CHECK(to_hex(data) == v.text("ciphertext"));
    }
}

TEST_CASE("ciphering twice gives the payload back, at every size", "[lns][frame]") {
    const crypto::Key128 key{{9}};
    const CipherInput input{Direction::down, DevAddr::from_value(1), {2}};
    for (std::size_t size = 0; size <= 255; ++size) {
        CAPTURE(size);
        const Bytes plain(size, 0xa5);
        Bytes data(size);
        crypt_frm_payload(key, input, plain, data);
        if (size >= 8) CHECK(data != plain);
        crypt_frm_payload(key, input, data, data);
        CHECK(data == plain);
    }
}
