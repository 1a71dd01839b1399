#include "bridge/mqtt/packet/stream_decoder.h"

#include "bridge/mqtt/packet/packet.h"
#include "tests/support/catch.h"

#include <random>
#include <string>

using namespace helio;
using namespace helio::bridge::mqtt;

namespace {

Bytes a_stream() {
    Bytes out;
    const std::string big(300, 'x');
    encode_connect({.version = Version::v5, .client_id = "c"}, out);
    for (int i = 1; i < 20; ++i) {
        encode_publish({.qos = Qos::at_least_once,
                        .topic = "a/b",
                        .packet_id = static_cast<PacketId>(i),
                        .payload = bytes_of(std::string_view(big).substr(0, i * 15))},
                       Version::v5,
                       out);
        encode_pingreq(out);
    }
    encode_disconnect({}, Version::v5, out);
    return out;
}

// The frames, written one after the other.
std::string text_of_frames(StreamDecoder& decoder, ByteView bytes, Next next = Next::more) {
    std::string out;
    const auto fed = decoder.feed(bytes, [&](const Frame& frame) {
        out += to_hex({&frame.first, 1}) + ':' + to_hex(frame.body) + ' ';
        return next;
    });
    if (!fed) out += name_of(fed.error());
    return out;
}

}  // namespace

TEST_CASE("a stream is cut into the same frames whole, byte by byte and cut at random",
          "[mqtt][packet]") {
    const Bytes stream = a_stream();
    StreamDecoder whole(kMaxPacketBytes);
    const std::string expected = text_of_frames(whole, stream);
    CHECK(whole.kept_bytes() == 0);

    StreamDecoder crumbs(kMaxPacketBytes);
    std::string by_byte;
    for (const std::uint8_t byte : stream) by_byte += text_of_frames(crumbs, {&byte, 1});
    CHECK(by_byte == expected);
    CHECK(crumbs.kept_bytes() == 0);

    std::mt19937 random(1);
    for (int round = 0; round < 200; ++round) {
        StreamDecoder decoder(kMaxPacketBytes);
        std::string cut;
        for (ByteView rest = stream; !rest.empty();) {
            const std::size_t size = std::min<std::size_t>(rest.size(), random() % 40);
            cut += text_of_frames(decoder, rest.first(size));
            rest = rest.subspan(size);
        }
        CHECK(cut == expected);
    }
}

TEST_CASE("a paused stream goes on where it stopped", "[mqtt][packet]") {
    const Bytes stream = a_stream();
    StreamDecoder whole(kMaxPacketBytes);
    const std::string expected = text_of_frames(whole, stream);

    StreamDecoder decoder(kMaxPacketBytes);
    std::string out = text_of_frames(decoder, stream, Next::pause);
    while (decoder.kept_bytes() > 0) out += text_of_frames(decoder, {}, Next::pause);
    CHECK(out == expected);
}

TEST_CASE("a huge remaining length is refused at its header, before any of it has come",
          "[mqtt][packet]") {
    StreamDecoder decoder(4'096);
    const Bytes header = {0x10, 0xff, 0xff, 0xff, 0x7f};  // 268,435,455
    CHECK(text_of_frames(decoder, header) == name_of(ReasonCode::packet_too_large));
    CHECK(decoder.kept_bytes() == 0);
}

TEST_CASE("a remaining length in five bytes is malformed", "[mqtt][packet]") {
    StreamDecoder decoder(kMaxPacketBytes);
    const Bytes header = {0x10, 0xff, 0xff, 0xff, 0xff};
    CHECK(text_of_frames(decoder, header) == name_of(ReasonCode::malformed_packet));
}

TEST_CASE("[MQTT-1.5.5-1] a remaining length not in its shortest form is malformed",
          "[mqtt][packet]") {
    StreamDecoder decoder(kMaxPacketBytes);
    const Bytes header = {0xc0, 0x80, 0x00};
    CHECK(text_of_frames(decoder, header) == name_of(ReasonCode::malformed_packet));
}

TEST_CASE("a complete stream leaves no buffer behind", "[mqtt][packet]") {
    StreamDecoder decoder(kMaxPacketBytes);
    const Bytes stream = a_stream();
    text_of_frames(decoder, ByteView(stream).first(10));
    CHECK(decoder.kept_bytes() > 0);
    text_of_frames(decoder, ByteView(stream).subspan(10));
    CHECK(decoder.kept_bytes() == 0);
}
