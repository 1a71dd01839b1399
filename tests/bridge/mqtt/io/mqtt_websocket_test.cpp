#include "base/io/http_server.h"
#include "base/io/tcp.h"
#include "base/store/memory_log.h"
#include "bridge/mqtt/io/mqtt_server.h"
#include "bridge/mqtt/packet/packet.h"
#include "bridge/mqtt/session/tables.h"
#include "tests/base/io/stream_fixture.h"
#include "tests/base/net/websocket_client.h"
#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;

namespace {

struct Door final : Authenticator {
    void authenticate(const ConnectRequest& request, Instant now, Answer answer) override {
        came = request.address;
        answer({.reason = ReasonCode::success}, now);
    }
    ClientAddress came;
};

struct WebSocketFixture {
    explicit WebSocketFixture(Limits limits = {})
        : broker(store, limits, crypto::seeded_random(1), door, nullptr, loop.now()),
          mqtt(loop, broker),
          http(loop, [this](net::HttpRequest&& request, io::Responder to) {
              mqtt.upgrade(std::move(request), std::move(to));
          }) {
        store.on_durable([this](store::Position p) { broker.on_durable(p, loop.now()); });
        loop.on_turn_end([this] { store.flush(loop.now()); });
        at = http.listen(io::Peer::loopback(0), "http.plain");
    }

    struct Client {
        std::unique_ptr<io::End> end;
        std::size_t answer_size = 0;

        void say(const net::TestFrame& frame) { end->stream->write(frame.bytes()); }
        void say(const Packet& packet) {
            Bytes bytes;
            encode_packet(packet, Version::v5, bytes);
            say(net::TestFrame{.payload = std::string(text_of(bytes))});
        }
        std::vector<net::TestFrame> frames() const {
            return net::frames_of(bytes_of(end->heard).subspan(answer_size));
        }
        // The packets in the binary frames.
        Lines lines() const {
            Lines out;
            StreamDecoder decoder(kMaxPacketBytes);
            for (const auto& frame : frames()) {
                if (frame.opcode != 2) continue;
                const auto fed = decoder.feed(bytes_of(frame.payload), [&](const Frame& packet) {
                    out.push_back(describe(parse_packet(packet, Version::v5).value(), Version::v5));
                    return Next::more;
                });
                REQUIRE(fed);
            }
            return out;
        }
        unsigned close_code() const {
            const auto all = frames();
            return all.empty() || all.back().opcode != 8 ? 0 : net::close_code(all.back());
        }
    };

    // Behind the request comes `behind` in the same write.
    Client dial(std::string_view protocols = "mqtt", std::string_view behind = "") {
        Client client{std::make_unique<io::End>(io::connect_tcp(loop, at))};
        std::string request =
            "GET /mqtt?x=1 HTTP/1.1\r\nHost: server\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        if (!protocols.empty()) {
            request += "Sec-WebSocket-Protocol: " + std::string(protocols) + "\r\n";
        }
        client.end->stream->write(request + "\r\n" + std::string(behind));
        REQUIRE(loop.run_until(
            [&] { return client.end->heard.find("\r\n\r\n") != std::string::npos; }));
        client.answer_size = client.end->heard.find("\r\n\r\n") + 4;
        return client;
    }
    bool hears(const Client& client, std::string_view line) {
        return loop.run_until([&] {
            const Lines all = client.lines();
            return std::find(all.begin(), all.end(), line) != all.end();
        });
    }
    bool is_closed(const Client& client) {
        return loop.run_until([&] { return client.end->closed.has_value(); });
    }

    io::Loop loop;
    store::MemoryLog log;
    store::Store store{kTables, log};
    Door door;
    Broker broker;
    MqttServer mqtt;
    io::HttpServer http;
    io::Peer at;
};

}  // namespace

TEST_CASE("the server answers with the sub-protocol mqtt", "[mqtt][io][websocket]") {
    WebSocketFixture f;
    auto client = f.dial("mqttv3.1, mqtt");
    CHECK_THAT(client.end->heard, StartsWith("HTTP/1.1 101 "));
    CHECK_THAT(client.end->heard, ContainsSubstring("\r\nSec-WebSocket-Protocol: mqtt\r\n"));
    client.say(Connect{.client_id = "a"});
    CHECK(f.hears(client, "CONNACK 0"));
    REQUIRE(f.door.came.upgrade);
    CHECK(f.door.came.upgrade->target == "/mqtt?x=1");
}

TEST_CASE("a client that does not offer the sub-protocol mqtt is refused",
          "[mqtt][io][websocket]") {
    WebSocketFixture f;
    CHECK_THAT(f.dial("chat").end->heard, StartsWith("HTTP/1.1 400 "));
    CHECK_THAT(f.dial("").end->heard, StartsWith("HTTP/1.1 400 "));
    CHECK(f.mqtt.client_count() == 0);
}

TEST_CASE("an MQTT packet may span frames, and a frame may hold several", "[mqtt][io][websocket]") {
    WebSocketFixture f;
    auto client = f.dial();
    Bytes packets;
    encode_packet(Connect{.client_id = "a"}, Version::v5, packets);
    const std::size_t half = packets.size() / 2;
    encode_packet(Subscribe{.packet_id = 1, .entries = {{"t", {.qos = Qos::at_most_once}}}},
                  Version::v5,
                  packets);
    encode_packet(Publish{.topic = "t", .payload = bytes_of("x")}, Version::v5, packets);
    const std::string text(text_of(packets));
    client.say(net::TestFrame{.payload = text.substr(0, half), .fin = false});
    client.say(net::TestFrame{.opcode = 0, .payload = text.substr(half, 2)});
    client.say(net::TestFrame{.payload = text.substr(half + 2)});
    CHECK(f.hears(client, "PUBLISH t: x"));
    CHECK(client.lines().front() == "CONNACK 0");
}

TEST_CASE("MQTT comes in binary frames; a text frame ends the connection",
          "[mqtt][io][websocket]") {
    WebSocketFixture f;
    auto client = f.dial();
    client.say(Connect{.client_id = "a"});
    REQUIRE(f.hears(client, "CONNACK 0"));
    for (const auto& frame : client.frames()) CHECK(frame.opcode == 2);
    client.say(net::TestFrame{.opcode = 1, .payload = "text"});
    REQUIRE(f.is_closed(client));
    CHECK(client.close_code() == 1003);
    CHECK(f.loop.run_until([&] { return f.mqtt.client_count() == 0; }));
}

TEST_CASE("what comes behind the upgrade at once is not lost", "[mqtt][io][websocket]") {
    WebSocketFixture f;
    Bytes packet;
    encode_packet(Connect{.client_id = "a"}, Version::v5, packet);
    const Bytes frame = net::TestFrame{.payload = std::string(text_of(packet))}.bytes();
    const auto client = f.dial("mqtt", text_of(frame));
    CHECK(f.hears(client, "CONNACK 0"));
}

TEST_CASE("DISCONNECT ends the WebSocket with its close", "[mqtt][io][websocket]") {
    WebSocketFixture f;
    auto client = f.dial();
    client.say(Connect{.client_id = "a"});
    REQUIRE(f.hears(client, "CONNACK 0"));
    SECTION("of the client") { client.say(Disconnect{}); }
    SECTION("of the server") { f.mqtt.shut_down(); }
    REQUIRE(f.is_closed(client));
    CHECK(client.close_code() == 1000);
    client.end->stream.reset();
    CHECK(f.loop.run_until([&] { return f.mqtt.client_count() == 0; }));
}

TEST_CASE("a close of the WebSocket is the end of the client, and its will is published",
          "[mqtt][io][websocket]") {
    WebSocketFixture f;
    auto watcher = f.dial();
    watcher.say(Connect{.client_id = "watcher"});
    watcher.say(Subscribe{.packet_id = 1, .entries = {{"will", {.qos = Qos::at_most_once}}}});
    REQUIRE(f.hears(watcher, "SUBACK 1 0x00"));
    auto client = f.dial();
    client.say(
        Connect{.client_id = "a", .will = WillFields{.topic = "will", .payload = bytes_of("x")}});
    REQUIRE(f.hears(client, "CONNACK 0"));
    client.say(net::TestFrame{.opcode = 8, .payload = "\x03\xe9"});
    CHECK(f.hears(watcher, "PUBLISH will: x"));
    REQUIRE(f.is_closed(client));
    CHECK(client.close_code() == 1001);
}

TEST_CASE("pings of the WebSocket do not keep a silent client alive", "[mqtt][io][websocket]") {
    WebSocketFixture f({.connect_timeout = std::chrono::seconds(1)});
    auto client = f.dial();
    client.say(net::TestFrame{.opcode = 9, .payload = "hello"});
    REQUIRE(f.loop.run_until([&] { return !client.frames().empty(); }));
    CHECK(client.frames()[0].opcode == 10);
    CHECK(client.frames()[0].payload == "hello");
    CHECK(f.is_closed(client));
    CHECK(f.broker.stats().connect_timeouts == 1);
}

TEST_CASE("a WebSocket whose client does not read is bounded", "[mqtt][io][websocket]") {
    WebSocketFixture f({.soft_output_bytes = 200'000, .hard_output_bytes = 400'000});
    auto slow = f.dial();
    slow.say(Connect{.client_id = "slow"});
    slow.say(Subscribe{.packet_id = 1, .entries = {{"t", {.qos = Qos::at_most_once}}}});
    REQUIRE(f.hears(slow, "SUBACK 1 0x00"));
    slow.end->stream->pause();
    auto fast = f.dial();
    fast.say(Connect{.client_id = "fast"});
    REQUIRE(f.hears(fast, "CONNACK 0"));
    const std::string payload(100'000, 'x');
    CHECK(f.loop.run_until([&] {
        if (fast.end->stream->queued() == 0) {
            fast.say(Publish{.topic = "t", .payload = bytes_of(payload)});
        }
        return f.broker.stats().dropped_slow_consumer > 0;
    }));
}
