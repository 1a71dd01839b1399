#include "gateway-bridge/semtech-udp/packet.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::gateway_bridge::semtech_udp;

namespace {

Bytes hex(std::string_view text) { return *from_hex(text); }

}  // namespace

TEST_CASE("a packet is taken apart into its fields", "[semtech-udp]") {
    const Bytes datagram = hex("01a1b2000016c001ff10a2357b7d");
    const auto packet = parse_packet(datagram);
    REQUIRE(packet);
    CHECK(packet->version == Version::v1);
    CHECK(packet->kind == PacketKind::push_data);
    CHECK(packet->token == 0xa1b2);
    CHECK(packet->gateway == Eui64::from_value(0x0016c001ff10a235));
    CHECK(text_of(packet->json) == "{}");
}

TEST_CASE("an answer has the version and the token of what it answers", "[semtech-udp]") {
    struct Row {
        const char* datagram;
        const char* answer;
    };
    const auto row = GENERATE(values<Row>({
        {"01a1b2000016c001ff10a235", "01a1b201"},
        {"02a1b2000016c001ff10a235", "02a1b201"},
        {"02beef020016c001ff10a235", "02beef04"},
        {"01beef020016c001ff10a235", "01beef04"},
    }));
    const Bytes datagram = hex(row.datagram);
    CHECK(to_hex(encode_ack(*parse_packet(datagram))) == row.answer);
}

TEST_CASE("a PULL_RESP of version 1 has no token", "[semtech-udp]") {
    CHECK(to_hex(encode_pull_resp_header(Version::v1, 0xc0de)) == "01000003");
    CHECK(to_hex(encode_pull_resp_header(Version::v2, 0xc0de)) == "02c0de03");
}

TEST_CASE("a datagram is refused for the first rule that it breaks", "[semtech-udp]") {
    struct Row {
        const char* datagram;
        PacketError error;
    };
    const auto row = GENERATE(values<Row>({
        {"", PacketError::too_short},
        {"0200000016c001ff10a235", PacketError::too_short},
        {"000000000016c001ff10a235", PacketError::unsupported_version},
        {"030000000016c001ff10a235", PacketError::unsupported_version},
        {"020000010016c001ff10a235", PacketError::not_for_a_server},
        {"020000060016c001ff10a235", PacketError::not_for_a_server},
    }));
    CAPTURE(row.datagram);
    const Bytes datagram = hex(row.datagram);
    const auto packet = parse_packet(datagram);
    REQUIRE_FALSE(packet);
    CHECK(packet.error() == row.error);
}

TEST_CASE("NULs behind the JSON are left out, as some forwarders send them", "[semtech-udp]") {
    const Bytes datagram = hex("020000050016c001ff10a2357b7d0000");
    CHECK(text_of(parse_packet(datagram)->json) == "{}");
}
