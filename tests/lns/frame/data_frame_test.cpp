#include "lns/frame/data_frame.h"

#include "lns/frame/mic.h"
#include "lns/frame/payload_crypto.h"
#include "tests/lns/lorawan_vectors.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

namespace {

// FPort 1, "hello" under AppSKey 01..01, MIC under NwkSKey 02..02, FCnt 1.
const Bytes kHello = *from_hex("400403020180010001a694642615d6c3b582");

bool is_1_1(const Vector& v) { return v.text("mac_version") == "1.1"; }

// The key of FRMPayload: FPort 0 belongs to the network.
crypto::Key128 payload_key(const Vector& v, const DataFrame& frame) {
    if (v.has("FRMPayload_key")) return key_of(v, "FRMPayload_key");
    return key_of(v, frame.fport == 0 ? "NwkSEncKey" : "AppSKey");
}

Mic expected_mic(const Vector& v, const DataFrame& frame, FCnt32 fcnt) {
    if (!is_1_1(v)) return data_mic_1_0(frame, fcnt, key_of(v, "MICKey"));
    const auto conf = static_cast<std::uint16_t>(frame.ack ? v.number("ConfFCnt") : 0);
    const MicInput input{frame.direction, frame.dev_addr, fcnt, conf};
    const crypto::Key128 s_key = key_of(v, "SNwkSIntKey");
    if (frame.direction == Direction::down) return data_mic(s_key, input, frame.signed_bytes);
    const crypto::Key128 f_key = key_of(v, "FNwkSIntKey");
    return uplink_mic_1_1({f_key, s_key},
                          input,
                          v.number<std::uint8_t>("TxDr"),
                          v.number<std::uint8_t>("TxCh"),
                          frame.signed_bytes);
}

Bytes plain_fopts(const Vector& v, const DataFrame& frame, FCnt32 fcnt) {
    Bytes fopts(frame.fopts.begin(), frame.fopts.end());
    const bool encrypted = is_1_1(v) && !(v.has("FOpts_encrypted") && !v.flag("FOpts_encrypted"));
    if (encrypted && !fopts.empty()) {
        const auto counter = static_cast<FOptsCounter>(v.number("FOpts_A_block_byte4"));
        crypt_fopts_1_1(
            key_of(v, "NwkSEncKey"), {frame.direction, frame.dev_addr, fcnt}, counter, fopts);
    }
    return fopts;
}

}  // namespace

TEST_CASE("a data frame is taken apart into its fields", "[lns][frame]") {
    const auto frame = parse_data_frame(kHello);
    REQUIRE(frame);
    CHECK(frame->direction == Direction::up);
    CHECK_FALSE(frame->confirmed);
    CHECK(frame->dev_addr == DevAddr::from_value(0x01020304));
    CHECK(frame->adr);
    CHECK_FALSE(frame->ack);
    CHECK(frame->fcnt == FCnt16{1});
    CHECK(frame->fport == 1);
    CHECK(frame->frm_payload.bytes.size() == 5);
    CHECK(frame->mic == Mic{0xd6, 0xc3, 0xb5, 0x82});
    CHECK(frame->signed_bytes.size() == kHello.size() - 4);
}

TEST_CASE("frames of other implementations are read, checked and decrypted", "[lns][frame]") {
    for (const auto& v : vectors_of("data_frame")) {
        CAPTURE(v.describe());
        const Bytes phy = v.hex("PHYPayload");
        const auto frame = parse_data_frame(phy);
        REQUIRE(frame);
        const FCnt32 fcnt{v.number("FCnt")};
        CHECK(frame->direction == direction_of(v));
        CHECK(frame->dev_addr == dev_addr_of(v));
        CHECK(frame->fcnt == wire_of(fcnt));
        CHECK(frame->fport.has_value() == v.has("FPort"));
        if (v.has("FPort")) CHECK(*frame->fport == v.number("FPort"));

        CHECK(mics_equal(frame->mic, expected_mic(v, *frame, fcnt)));
        CHECK_FALSE(mics_equal(frame->mic, expected_mic(v, *frame, {fcnt.value + 0x1'0000})));
        const std::string payload = v.has("FRMPayload") ? v.text("FRMPayload") : "";
        CHECK(to_hex(decrypt_frm_payload(*frame, fcnt, payload_key(v, *frame))) == payload);
        const std::string fopts = v.has("FOpts") ? v.text("FOpts") : "";
        CHECK(to_hex(plain_fopts(v, *frame, fcnt)) == fopts);
    }
}

TEST_CASE("what was parsed encodes to the same bytes", "[lns][frame]") {
    for (const auto& v : vectors_of("data_frame")) {
        CAPTURE(v.describe());
        const Bytes phy = v.hex("PHYPayload");
        const auto frame = parse_data_frame(phy);
        REQUIRE(frame);
        Bytes again;
        encode_unsigned(*frame, again);
        append_mic(frame->mic, again);
        CHECK(to_hex(again) == to_hex(phy));
    }
}

TEST_CASE("FCtrl is read by direction", "[lns][frame]") {
    Bytes phy = kHello;
    phy[5] = 0xf0;
    const auto up = parse_data_frame(phy);
    REQUIRE(up);
    CHECK((up->adr && up->adr_ack_req && up->ack && up->class_b));
    CHECK_FALSE(up->fpending);

    phy[0] = mhdr_of(MType::confirmed_down);
    const auto down = parse_data_frame(phy);
    REQUIRE(down);
    CHECK(down->direction == Direction::down);
    CHECK(down->confirmed);
    CHECK((down->adr && down->ack && down->fpending));
    CHECK_FALSE(down->adr_ack_req);
    CHECK_FALSE(down->class_b);
}

TEST_CASE("a frame cut short anywhere is refused, never read past its end", "[lns][frame]") {
    for (std::size_t size = 0; size < kEmptyDataFrame; ++size) {
        CAPTURE(size);
        // A buffer of its own, so that a sanitizer sees the end.
        const Bytes cut(kHello.begin(), kHello.begin() + static_cast<std::ptrdiff_t>(size));
        const auto frame = parse_data_frame(cut);
        REQUIRE_FALSE(frame);
        CHECK(frame.error() == FrameError::too_short);
    }
    for (std::size_t fopts = 0; fopts <= kMaxFOpts; ++fopts) {
        for (std::size_t size = kEmptyDataFrame; size < kEmptyDataFrame + fopts; ++size) {
            CAPTURE(fopts, size);
            Bytes cut(size, 0);
            cut[0] = mhdr_of(MType::unconfirmed_up);
            cut[5] = static_cast<std::uint8_t>(fopts);
            const auto frame = parse_data_frame(cut);
            REQUIRE_FALSE(frame);
            CHECK(frame.error() == FrameError::truncated_fopts);
        }
    }
}

TEST_CASE("a frame is refused for the first rule it breaks", "[lns][frame]") {
    struct Row {
        const char* why;
        std::size_t at;
        std::uint8_t byte;
        FrameError error;
    };
    const auto row = GENERATE(values<Row>({
        {"major version 1", 0, 0x41, FrameError::unsupported_major},
        {"a join request", 0, 0x00, FrameError::unexpected_mtype},
        {"a rejoin request", 0, 0xc0, FrameError::unexpected_mtype},
        {"a proprietary frame", 0, 0xe0, FrameError::unexpected_mtype},
        {"FOpts past the MIC", 5, 0x0f, FrameError::truncated_fopts},
    }));
    CAPTURE(row.why);
    Bytes phy = kHello;
    phy[row.at] = row.byte;
    const auto frame = parse_data_frame(phy);
    REQUIRE_FALSE(frame);
    CHECK(frame.error() == row.error);
}

TEST_CASE("MAC commands stand in FOpts or on port 0, never in both", "[lns][frame]") {
    // One byte of FOpts, FPort 0.
    const auto frame = parse_data_frame(*from_hex("4004030201010000020011223344"));
    REQUIRE_FALSE(frame);
    CHECK(frame.error() == FrameError::fopts_with_port_zero);
}

TEST_CASE("a port without a payload is a frame with an empty payload", "[lns][frame]") {
    const Bytes phy = *from_hex("40040302010000000711223344");
    const auto frame = parse_data_frame(phy);
    REQUIRE(frame);
    CHECK(frame->fport == 7);
    CHECK(frame->frm_payload.bytes.empty());
}

TEST_CASE("a wire counter becomes the smallest full counter not yet used", "[lns][frame]") {
    struct Row {
        std::uint16_t wire;
        std::uint32_t next;
        std::optional<FCnt32> full;
    };
    const auto row = GENERATE(values<Row>({
        {0, 0, FCnt32{0}},
        {5, 5, FCnt32{5}},
        {4, 5, FCnt32{0x1'0004}},
        {0, 0xffff, FCnt32{0x1'0000}},
        {0xffff, 0x1'0000, FCnt32{0x1'ffff}},
        {0xffff, 0xffff'ffff, FCnt32{0xffff'ffff}},
        {0, 0xffff'ffff, std::nullopt},
    }));
    CAPTURE(row.wire, row.next);
    CHECK(rebuild({row.wire}, {row.next}) == row.full);
}
