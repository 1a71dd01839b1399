#include "lns/frame/join_accept.h"
#include "lns/frame/join_request.h"
#include "lns/frame/mic.h"
#include "tests/lns/lorawan_vectors.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

namespace {

JoinAccept accept_of(const Vector& v) {
    const auto settings = v.hex("DLSettings")[0];
    JoinAccept accept{
        .join_nonce = JoinNonce::from_value(static_cast<std::uint32_t>(v.big("JoinNonce"))),
        .net_id = NetId::from_text(v.text("NetID")).value(),
        .dev_addr = dev_addr_of(v),
        .opt_neg = (settings & 0x80) != 0,
        .rx1_dr_offset = static_cast<std::uint8_t>(settings >> 4 & 7),
        .rx2_data_rate = static_cast<std::uint8_t>(settings & 15),
        .rx_delay_s = v.number<std::uint8_t>("RxDelay"),
    };
    if (v.has("CFList") && !v.text("CFList").empty()) {
        const Bytes list = v.hex("CFList");
        accept.cflist.emplace();
        std::copy_n(list.begin(), kCFListSize, accept.cflist->begin());
    }
    return accept;
}

JoinAcceptRequest request_of(const Vector& v) {
    return {v.number<std::uint8_t>("JoinReqType"),
            Eui64::from_value(v.big("JoinEUI")),
            static_cast<std::uint16_t>(v.big("DevNonce"))};
}

}  // namespace

TEST_CASE("a join-request is read and its MIC checked", "[lns][frame]") {
    for (const auto& v : vectors_of("join_request")) {
        CAPTURE(v.describe());
        const Bytes phy = v.hex("PHYPayload");
        const auto request = parse_join_request(phy);
        REQUIRE(request);
        CHECK(request->join_eui == Eui64::from_value(v.big("JoinEUI")));
        CHECK(request->dev_eui == Eui64::from_value(v.big("DevEUI")));
        CHECK(request->dev_nonce.value == v.big("DevNonce"));
        CHECK(mics_equal(request->mic, plain_mic(key_of(v, "key"), request->signed_bytes)));
        CHECK(mics_equal(request->mic, mic_of(v)));
        CHECK(encode_join_request(
                  request->join_eui, request->dev_eui, request->dev_nonce, key_of(v, "key")) ==
              phy);
    }
}

TEST_CASE("a join-request has 23 bytes and no others", "[lns][frame]") {
    const Bytes whole = *from_hex("00040302010403020105040302050403022d106a990e12");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
        CHECK(parse_join_request(cut).error() == FrameError::too_short);
    }
    Bytes longer = whole;
    longer.push_back(0);
    CHECK(parse_join_request(longer).error() == FrameError::wrong_size);
    Bytes other = whole;
    other[0] = 0x40;
    CHECK(parse_join_request(other).error() == FrameError::unexpected_mtype);
    other[0] = 0x01;
    CHECK(parse_join_request(other).error() == FrameError::unsupported_major);
}

TEST_CASE("a join-accept is encoded as other servers encode it", "[lns][frame]") {
    for (const auto& v : vectors_of("join_accept")) {
        CAPTURE(v.describe());
        const JoinAccept accept = accept_of(v);
        const Bytes phy =
            v.text("mac_version") == "1.0"
                ? encode_join_accept(accept, key_of(v, "MICKey"))
                : encode_join_accept_1_1(
                      accept, request_of(v), key_of(v, "MICKey"), key_of(v, "EncKey"));
        CHECK(to_hex(phy) == v.text("PHYPayload"));
    }
}

TEST_CASE("a device opens a join-accept and checks its MIC", "[lns][frame]") {
    for (const auto& v : vectors_of("join_accept")) {
        CAPTURE(v.describe());
        const auto opened = open_join_accept(v.hex("PHYPayload"), key_of(v, "EncKey"));
        REQUIRE(opened);
        CHECK(opened->accept == accept_of(v));
        const Mic mic =
            v.text("mac_version") == "1.0"
                ? plain_mic(key_of(v, "MICKey"), opened->plain)
                : join_accept_mic_1_1(key_of(v, "MICKey"), request_of(v), opened->plain);
        CHECK(mics_equal(opened->mic, mic));
        CHECK(mics_equal(opened->mic, mic_of(v)));
    }
}

TEST_CASE("a join-accept has 17 or 33 bytes", "[lns][frame]") {
    Bytes phy(40, 0);
    phy[0] = mhdr_of(MType::join_accept);
    for (std::size_t size = 0; size <= phy.size(); ++size) {
        CAPTURE(size);
        const Bytes cut(phy.begin(), phy.begin() + static_cast<std::ptrdiff_t>(size));
        const auto opened = open_join_accept(cut, {});
        CHECK(opened.has_value() == (size == 17 || size == 33));
        if (!opened)
            CHECK(opened.error() == (size < 17 ? FrameError::too_short : FrameError::wrong_size));
    }
}

TEST_CASE("both types of CFList are written and read", "[lns][frame]") {
    for (const auto& v : vectors_of("cflist")) {
        CAPTURE(v.describe());
        CFList list;
        if (v.number("CFListType") == 0) {
            CFListFrequencies frequencies;
            std::size_t i = 0;
            for (const auto& hz : v.at("frequencies_hz").as_array())
                frequencies.hz[i++] = hz.to_number<std::uint32_t>();
            list = frequencies;
        } else {
            CFListMasks masks;
            std::size_t i = 0;
            for (const auto& mask : v.at("ChMasks").as_array())
                masks.masks[i++] = mask.to_number<std::uint16_t>();
            list = masks;
        }
        const auto bytes = encode_cflist(list);
        CHECK(to_hex(bytes) == v.text("bytes"));
        CHECK(parse_cflist(bytes) == list);
    }
    std::array<std::uint8_t, kCFListSize> reserved{};
    reserved[15] = 2;
    CHECK_FALSE(parse_cflist(reserved));
}

TEST_CASE("a NetID owns the addresses of its prefix", "[lns][frame]") {
    for (const auto& v : vectors_of("netid")) {
        CAPTURE(v.describe());
        const NetId id = NetId::from_text(v.text("NetID")).value();
        CHECK(id.type() == v.number("type"));
        CHECK(id.to_text() == v.text("NetID"));
        const NetId::Block block = id.dev_addr_block();
        CHECK(block.first.to_text() == v.text("DevAddrPrefix"));
        CHECK(block.prefix_bits == v.number("DevAddrPrefixBits"));

        const std::uint32_t size = 1u << (32 - block.prefix_bits);
        CHECK(id.owns(block.first));
        CHECK(id.owns(DevAddr::from_value(block.first.value() + size - 1)));
        CHECK_FALSE(id.owns(DevAddr::from_value(block.first.value() + size)));
        CHECK_FALSE(id.owns(DevAddr::from_value(block.first.value() - 1)));
    }
    CHECK_FALSE(NetId::from_text("13"));
    CHECK_FALSE(NetId::from_text("00001g"));
}

TEST_CASE("a DevAddr is written as a number and sent with its last byte first", "[lns][frame]") {
    const auto address = DevAddr::from_text("2601f00d");
    REQUIRE(address);
    CHECK(address->value() == 0x2601f00d);
    CHECK(to_hex(address->wire()) == "0df00126");
    CHECK(DevAddr::from_wire(address->wire()) == *address);
    CHECK(address->to_text() == "2601f00d");
    CHECK_FALSE(DevAddr::from_text("2601f0"));
    CHECK_FALSE(DevAddr::from_text("2601f00dff"));
    CHECK_FALSE(DevAddr::from_text("2601f0zz"));
}
