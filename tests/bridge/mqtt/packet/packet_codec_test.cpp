#include "bridge/mqtt/packet/packet.h"
#include "bridge/mqtt/packet/stream_decoder.h"
#include "tests/support/catch.h"

#include <string>

using namespace helio;
using namespace helio::bridge::mqtt;

namespace {

Bytes hex(std::string_view digits) {
    std::string joined;
    for (const char c : digits) {
        if (c != ' ') joined.push_back(c);
    }
    return from_hex(joined).value();
}

// The reason for which a whole packet is refused; success where it is accepted.
ReasonCode refusal(std::string_view digits, Version version) {
    const Bytes bytes = hex(digits);
    const auto found = next_frame(bytes, kMaxPacketBytes);
    if (!found) return found.error();
    REQUIRE(*found);
    REQUIRE((*found)->size == bytes.size());
    const auto packet = parse_packet((*found)->frame, version);
    return packet ? ReasonCode::success : packet.error();
}

struct Case {
    const char* sentence;
    const char* bytes;
    Version version;
    ReasonCode expected;
};

constexpr auto v3 = Version::v3_1_1;
constexpr auto v5 = Version::v5;
constexpr auto ok = ReasonCode::success;
constexpr auto malformed = ReasonCode::malformed_packet;
constexpr auto protocol = ReasonCode::protocol_error;

// clang-format off
const Case kRefusals[] = {
    // CONNECT: 0004 4d515454 = "MQTT"
    {"a 3.1.1 CONNECT", "10 0d 0004 4d515454 04 02 003c 0001 61", v3, ok},
    {"an MQTT 5 CONNECT", "10 0e 0004 4d515454 05 02 003c 00 0001 61", v5, ok},
    {"another protocol name", "10 0d 0004 4d515456 04 02 003c 0001 61", v3, ReasonCode::unsupported_protocol_version},
    {"version 3.1", "10 0f 0006 4d5149736470 03 02 003c 0001 61", v3, ReasonCode::unsupported_protocol_version},
    {"version 6", "10 0e 0004 4d515454 06 02 003c 00 0001 61", v5, ReasonCode::unsupported_protocol_version},
    {"[MQTT-3.1.2-3] the reserved connect flag set", "10 0d 0004 4d515454 04 03 003c 0001 61", v3, malformed},
    {"fixed header flags of CONNECT not zero", "11 0d 0004 4d515454 04 02 003c 0001 61", v3, malformed},
    {"[MQTT-3.1.2-11] will QoS without a will", "10 0d 0004 4d515454 04 0a 003c 0001 61", v3, malformed},
    {"[MQTT-3.1.2-13] will retain without a will", "10 0d 0004 4d515454 04 22 003c 0001 61", v3, malformed},
    {"[MQTT-3.1.2-12] will QoS 3", "10 13 0004 4d515454 04 1e 003c 0001 61 0001 74 0001 78", v3, malformed},
    {"3.1.1 [MQTT-3.1.2-22] a password without a user name", "10 10 0004 4d515454 04 42 003c 0001 61 0001 70", v3, malformed},
    {"MQTT 5 lets a password stand alone", "10 11 0004 4d515454 05 42 003c 00 0001 61 0001 70", v5, ok},
    {"bytes behind the payload of CONNECT", "10 0e 0004 4d515454 04 02 003c 0001 61 00", v3, malformed},
    {"a client id cut short", "10 0d 0004 4d515454 04 02 003c 0002 61", v3, malformed},
    {"a will topic with a wildcard", "10 13 0004 4d515454 04 06 003c 0001 61 0001 23 0001 78", v3, ReasonCode::topic_name_invalid},
    {"receive maximum 0", "10 11 0004 4d515454 05 02 003c 03 21 0000 0001 61", v5, protocol},
    {"maximum packet size 0", "10 13 0004 4d515454 05 02 003c 05 27 00000000 0001 61", v5, protocol},
    {"a property twice", "10 18 0004 4d515454 05 02 003c 0a 11 00000001 11 00000001 0001 61", v5, protocol},
    {"a property of another packet", "10 11 0004 4d515454 05 02 003c 03 23 0001 0001 61", v5, malformed},
    {"an unknown property", "10 10 0004 4d515454 05 02 003c 02 7f 01 0001 61", v5, malformed},
    {"request problem information 2", "10 10 0004 4d515454 05 02 003c 02 17 02 0001 61", v5, protocol},
    {"authentication data without a method", "10 12 0004 4d515454 05 02 003c 04 16 0001 78 0001 61", v5, protocol},
    {"a property section longer than the packet", "10 0e 0004 4d515454 05 02 003c 7f 0001 61", v5, malformed},
    // PUBLISH
    {"a QoS 0 PUBLISH without payload", "30 03 0001 61", v3, ok},
    {"[MQTT-3.3.1-4] QoS 3", "36 06 0001 61 0001 78", v3, malformed},
    {"[MQTT-3.3.1-2] DUP at QoS 0", "38 03 0001 61", v3, malformed},
    {"[MQTT-2.2.1-3] packet id 0", "32 05 0001 61 0000", v3, protocol},
    {"[MQTT-3.3.2-2] a wildcard in the topic name", "30 05 0003 61 2f 2b", v3, ReasonCode::topic_name_invalid},
    {"[MQTT-4.7.3-1] an empty topic name", "30 02 0000", v3, protocol},
    {"an empty topic name without an alias", "30 03 0000 00", v5, protocol},
    {"an empty topic name with an alias", "30 06 0000 03 23 0001", v5, ok},
    {"topic alias 0", "30 07 0001 61 03 23 0000", v5, ReasonCode::topic_alias_invalid},
    {"[MQTT-1.5.4-2] U+0000 in the topic", "30 05 0003 61 00 62", v3, malformed},
    {"[MQTT-1.5.4-1] a surrogate in the topic", "30 05 0003 eda080", v3, malformed},
    {"an overlong encoding in the topic", "30 04 0002 c0af", v3, malformed},
    {"payload format indicator 2", "30 06 0001 61 02 01 02", v5, protocol},
    {"a wildcard in the response topic", "30 08 0001 61 04 08 0001 2b", v5, protocol},
    {"subscription identifier 0", "30 06 0001 61 02 0b 00", v5, protocol},
    {"several subscription identifiers", "30 08 0001 61 04 0b 01 0b 02", v5, ok},
    {"a property length not in its shortest form", "30 05 0001 61 80 00", v5, malformed},
    // the answers
    {"a PUBACK", "40 02 0001", v3, ok},
    {"a PUBACK with reason and no properties", "40 03 0001 10", v5, ok},
    {"a PUBACK with a reason in 3.1.1", "40 03 0001 10", v3, malformed},
    {"a PUBACK with a reason of another packet", "40 03 0001 8e", v5, protocol},
    {"a PUBACK of packet id 0", "40 02 0000", v3, protocol},
    {"a PUBACK cut short", "40 01 00", v3, malformed},
    {"[MQTT-3.6.1-1] PUBREL with flags 0", "60 02 0001", v3, malformed},
    {"PUBREL with flags 2", "62 02 0001", v3, ok},
    {"PUBREC with flags 2", "52 02 0001", v3, malformed},
    {"PUBREL with a reason it cannot have", "62 03 0001 87", v5, protocol},
    // SUBSCRIBE
    {"a SUBSCRIBE", "82 06 0001 0001 61 01", v3, ok},
    {"[MQTT-3.8.1-1] flags of SUBSCRIBE", "80 06 0001 0001 61 01", v3, malformed},
    {"a SUBSCRIBE of packet id 0", "82 06 0000 0001 61 01", v3, protocol},
    {"[MQTT-3.8.3-2] no filter", "82 02 0001", v3, protocol},
    {"a truncated SUBSCRIBE: no options byte", "82 05 0001 0001 61", v3, malformed},
    {"a truncated SUBSCRIBE: a filter longer than the packet", "82 06 0001 0005 61 01", v3, malformed},
    {"a truncated SUBSCRIBE: one byte of packet id", "82 01 00", v3, malformed},
    {"a truncated SUBSCRIBE: an empty body", "82 00", v3, malformed},
    {"[MQTT-3.8.3-5] reserved option bits", "82 07 0001 00 0001 61 41", v5, malformed},
    {"3.1.1 [MQTT-3-8.3-4] reserved option bits", "82 06 0001 0001 61 05", v3, malformed},
    {"maximum QoS 3", "82 07 0001 00 0001 61 03", v5, protocol},
    {"retain handling 3", "82 07 0001 00 0001 61 31", v5, protocol},
    {"two subscription identifiers", "82 0b 0001 04 0b01 0b02 0001 61 01", v5, protocol},
    // UNSUBSCRIBE
    {"an UNSUBSCRIBE", "a2 05 0001 0001 61", v3, ok},
    {"[MQTT-3.10.1-1] flags of UNSUBSCRIBE", "a0 05 0001 0001 61", v3, malformed},
    {"[MQTT-3.10.3-2] no filter to unsubscribe", "a2 02 0001", v3, protocol},
    // the small ones
    {"a PINGREQ", "c0 00", v3, ok},
    {"a PINGREQ with a body", "c0 01 00", v3, malformed},
    {"a PINGREQ with flags", "c1 00", v3, malformed},
    {"a DISCONNECT", "e0 00", v3, ok},
    {"a DISCONNECT with a reason", "e0 01 04", v5, ok},
    {"a DISCONNECT with a reason in 3.1.1", "e0 01 04", v3, malformed},
    {"a DISCONNECT with an unknown reason", "e0 01 7f", v5, malformed},
    {"an AUTH in 3.1.1", "f0 00", v3, malformed},
    {"an AUTH", "f0 00", v5, ok},
    {"[MQTT-3.15.2-1] an AUTH with a reason it cannot have", "f0 02 80 00", v5, protocol},
    {"packet type 0", "00 00", v5, malformed},
};
// clang-format on

}  // namespace

TEST_CASE("each class of malformed packet is refused with the code the specification names",
          "[mqtt][packet]") {
    for (const Case& c : kRefusals) {
        INFO(c.sentence << ": " << c.bytes);
        CHECK(name_of(refusal(c.bytes, c.version)) == name_of(c.expected));
    }
}

TEST_CASE("no cut of a valid packet is accepted or read past its end", "[mqtt][packet]") {
    for (const Case& c : kRefusals) {
        if (c.expected != ok) continue;
        const Bytes whole = hex(c.bytes);
        const auto found = next_frame(whole, kMaxPacketBytes);
        const Frame frame = (*found)->frame;
        for (std::size_t size = 0; size < frame.body.size(); ++size) {
            INFO(c.sentence << " cut to " << size);
            // A copy of exactly this size, so that a sanitizer sees a read past it.
            const Bytes body(frame.body.begin(), frame.body.begin() + std::ptrdiff_t(size));
            const auto packet = parse_packet({frame.first, body}, c.version);
            if (packet) {
                // What still parses must be a packet that can be written down: optional tails.
                Bytes again;
                encode_packet(*packet, c.version, again);
                const auto refound = next_frame(again, kMaxPacketBytes);
                CHECK(parse_packet((*refound)->frame, c.version).has_value());
            }
        }
    }
}

TEST_CASE("what is read is written back byte for byte", "[mqtt][packet]") {
    struct Case {
        Version version;
        std::uint8_t first;
        const char* body;
    };
    // clang-format off
    const Case cases[] = {
        {v3, 0x10, "0004 4d515454 04 ee 003c 0001 61 0003 612f62 0002 6869 0001 75 0002 7077"},
        {v5, 0x10, "0004 4d515454 05 ee 003c 05 11 00000e10 0001 61 05 18 0000000a 0003 612f62 0002 6869 0001 75 0002 7077"},
        {v5, 0x20, "01 00 08 21 0014 27 00010000"},
        {v3, 0x20, "00 05"},
        {v5, 0x3d, "0003 612f62 1234 0f 02 0000003c 26 0001 6b 0002 7631 0b 7f 7061796c6f6164"},
        {v3, 0x30, "0003 612f62"},
        {v5, 0x40, "0001 87"},
        {v5, 0x50, "0001"},
        {v5, 0x62, "0001 92 04 1f 0001 78"},
        {v3, 0x82, "000a 0003 612f62 01 0001 23 00"},
        {v5, 0x82, "000a 02 0b 05 0003 612f62 2d"},
        {v5, 0x90, "000a 00 00 01 8f"},
        {v3, 0x90, "000a 00 01 80"},
        {v5, 0xb0, "000a 00 00 11"},
        {v3, 0xb0, "000a"},
        {v5, 0xa2, "000a 00 0003 612f62"},
        {v5, 0xe0, "04 05 11 00000000"},
        {v5, 0xf0, "18 0a 15 0001 6d 16 0003 010203"},
        {v3, 0xd0, ""},
    };
    // clang-format on
    for (const Case& c : cases) {
        INFO(c.body);
        const Bytes body = hex(c.body);
        const auto packet = parse_packet({c.first, body}, c.version);
        REQUIRE(packet);
        Bytes expected{c.first, static_cast<std::uint8_t>(body.size())};
        expected.insert(expected.end(), body.begin(), body.end());
        Bytes again;
        encode_packet(*packet, c.version, again);
        CHECK(to_hex(again) == to_hex(expected));
    }
}

TEST_CASE("every property row is readable where it may stand and refused where it may not",
          "[mqtt][packet]") {
    for (const PropertyRow& row : property_table::kRows) {
        Bytes value;
        switch (row.type) {
            case PropertyType::byte:
            case PropertyType::variable:
                value = {1};
                break;
            case PropertyType::u16:
                value = {0, 1};
                break;
            case PropertyType::u32:
                value = {0, 0, 0, 1};
                break;
            case PropertyType::utf8:
            case PropertyType::binary:
                value = {0, 1, 'x'};
                break;
            case PropertyType::utf8_pair:
                value = {0, 1, 'x', 0, 1, 'y'};
                break;
        }
        Bytes once{static_cast<std::uint8_t>(row.id)};
        once.insert(once.end(), value.begin(), value.end());
        for (unsigned o = 0; o <= static_cast<unsigned>(PropertyOwner::auth); ++o) {
            const auto owner = static_cast<PropertyOwner>(o);
            INFO(row.name << " in owner " << o);
            Bytes section{static_cast<std::uint8_t>(once.size())};
            section.insert(section.end(), once.begin(), once.end());
            Reader reader(section);
            const Properties read = Properties::read(reader, owner);
            CHECK(reader.failed() == !allowed(row, owner));
            if (reader.failed()) continue;
            CHECK(read.has(row.id));

            Bytes twice{static_cast<std::uint8_t>(2 * once.size())};
            twice.insert(twice.end(), once.begin(), once.end());
            twice.insert(twice.end(), once.begin(), once.end());
            Reader again(twice);
            Properties::read(again, owner);
            const bool several = (row.several_in & owners(owner)) != 0;
            CHECK(again.error() == (several ? ok : protocol));
        }
    }
}

TEST_CASE("a property is found behind others, and user properties keep their order",
          "[mqtt][packet]") {
    PropertyList list;
    list.add_user("a", "1")
        .add<PropertyId::content_type>("json")
        .add<PropertyId::message_expiry_interval>(77)
        .add_user("a", "2");
    const Properties view = list.view();
    CHECK(view.find<PropertyId::content_type>() == "json");
    CHECK(view.find<PropertyId::message_expiry_interval>() == 77u);
    CHECK_FALSE(view.find<PropertyId::response_topic>());
    std::string seen;
    view.each_user_property([&](const UserProperty& p) { (seen += p.name) += p.value; });
    CHECK(seen == "a1a2");
}
