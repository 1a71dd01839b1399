#include "bridge/mqtt/io/mqtt_server.h"

#include "base/io/loop.h"
#include "base/io/tcp.h"
#include "base/io/timer.h"
#include "base/io/tls.h"
#include "base/store/memory_log.h"
#include "bridge/mqtt/packet/packet.h"
#include "bridge/mqtt/session/tables.h"
#include "tests/base/io/stream_fixture.h"
#include "tests/base/io/test_certificate.h"
#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

namespace {

struct ServerFixture {
    explicit ServerFixture(Limits limits = {}) {
        broker = std::make_unique<Broker>(
            store, limits, crypto::seeded_random(1), access, &access, loop.now());
        store.on_durable([this](store::Position p) { broker->on_durable(p, loop.now()); });
        loop.on_turn_end([this] { store.flush(loop.now()); });
        server = std::make_unique<MqttServer>(loop, *broker);
        at = server->listen_tcp(io::Peer::loopback(0), "mqtt.tcp");
    }
    std::unique_ptr<io::End> dial() { return std::make_unique<io::End>(io::connect_tcp(loop, at)); }
    // A client that has had its CONNACK.
    std::unique_ptr<io::End> client(std::string_view id) {
        auto end = dial();
        say(*end, Connect{.client_id = id});
        CHECK(hears(*end, "CONNACK 0"));
        return end;
    }
    static void say(io::End& end, const Packet& packet) {
        Bytes bytes;
        encode_packet(packet, Version::v5, bytes);
        end.stream->write(bytes);
    }
    static Lines lines(const io::End& end) {
        Lines out;
        StreamDecoder decoder(kMaxPacketBytes);
        const auto fed = decoder.feed(bytes_of(end.heard), [&](const Frame& frame) {
            out.push_back(describe(parse_packet(frame, Version::v5).value(), Version::v5));
            return Next::more;
        });
        REQUIRE(fed);
        return out;
    }
    bool hears(const io::End& end, std::string_view line) {
        return loop.run_until([&] {
            const Lines all = lines(end);
            return std::find(all.begin(), all.end(), line) != all.end();
        });
    }
    bool is_closed(const io::End& end) {
        return loop.run_until([&] { return end.closed.has_value(); });
    }

    io::Loop loop;
    store::MemoryLog log;
    store::Store store{kTables, log};
    TestAccess access;
    std::unique_ptr<Broker> broker;
    std::unique_ptr<MqttServer> server;
    io::Peer at;
};

}  // namespace

TEST_CASE("messages go from socket to socket", "[mqtt][io]") {
    ServerFixture f;
    const auto sub = f.client("sub");
    f.say(*sub, Subscribe{.packet_id = 1, .entries = {{"a/+", {.qos = Qos::at_least_once}}}});
    REQUIRE(f.hears(*sub, "SUBACK 1 0x01"));
    const auto pub = f.client("pub");
    const Publish message{
        .qos = Qos::at_least_once, .topic = "a/b", .packet_id = 5, .payload = bytes_of("x")};
    f.say(*pub, message);
    CHECK(f.hears(*pub, "PUBACK 5"));
    CHECK(f.hears(*sub, "PUBLISH a/b qos1 id1: x"));
    f.say(*sub, Disconnect{});
    CHECK(f.is_closed(*sub));
    CHECK(f.loop.run_until([&] { return f.server->client_count() == 1; }));
}

TEST_CASE("a client may come over TLS", "[mqtt][io]") {
    ServerFixture f;
    const io::TestCertificate own = io::make_test_certificate("localhost");
    const auto context =
        io::TlsContext::server({.certificate_pem = own.certificate_pem, .key_pem = own.key_pem});
    const io::TlsListener listener(
        f.loop, io::Peer::loopback(0), "mqtt.tls", context, [&](auto stream) {
            f.server->adopt(std::move(stream));
        });
    const auto trusting = io::TlsContext::client({.ca_pem = own.certificate_pem});
    io::End end(io::connect_tls(f.loop, listener.local(), trusting, "localhost"));
    f.say(end, Connect{.client_id = "a"});
    CHECK(f.hears(end, "CONNACK 0"));
}

TEST_CASE("connections above the limit of an address are closed at once", "[mqtt][io]") {
    ServerFixture f({.max_connections_per_address = 2});
    const auto one = f.client("one");
    const auto two = f.client("two");
    const auto three = f.dial();
    CHECK(f.is_closed(*three));
    CHECK(f.broker->stats().over_connection_limit == 1);
    one->stream.reset();
    REQUIRE(f.loop.run_until([&] { return f.server->client_count() == 1; }));
    const auto four = f.client("four");
}

TEST_CASE("a client that sends nothing is closed", "[mqtt][io]") {
    ServerFixture f({.connect_timeout = std::chrono::seconds(1)});
    const auto silent = f.dial();
    CHECK(f.is_closed(*silent));
    CHECK(f.broker->stats().connect_timeouts == 1);
    CHECK(f.loop.run_until([&] { return f.server->client_count() == 0; }));
}

TEST_CASE("a reader that never reads is closed at the hard limit, and others go on", "[mqtt][io]") {
    ServerFixture f({.soft_output_bytes = 64u << 20, .hard_output_bytes = 1u << 20});
    const auto slow = f.client("slow");
    const auto good = f.client("good");
    for (io::End* end : {slow.get(), good.get()}) {
        f.say(*end, Subscribe{.packet_id = 1, .entries = {{"t", {}}}});
        REQUIRE(f.hears(*end, "SUBACK 1 0x00"));
    }
    slow->stream->pause();
    const std::string payload(100'000, 'x');
    REQUIRE(f.loop.run_until([&] {
        f.broker->publish({.topic = "t", .payload = bytes_of(payload)}, f.loop.now());
        return f.broker->stats().closed_slow_consumers == 1;
    }));
    good->heard.clear();
    f.broker->publish({.topic = "t", .payload = bytes_of("after")}, f.loop.now());
    CHECK(f.loop.run_until([&] { return good->heard.ends_with("after"); }));
}

TEST_CASE("what one turn queues above the soft limit waits and then goes on", "[mqtt][io]") {
    ServerFixture f({.soft_output_bytes = 1'000});
    const auto sub = f.client("sub");
    f.say(*sub, Subscribe{.packet_id = 1, .entries = {{"t", {.qos = Qos::at_least_once}}}});
    REQUIRE(f.hears(*sub, "SUBACK 1 0x01"));
    for (int i = 0; i < 500; ++i) {
        f.broker->publish(
            {.topic = "t", .payload = bytes_of("0123456789"), .qos = Qos::at_least_once},
            f.loop.now());
    }
    // All arrive, though nothing is acknowledged and the socket never had to wait.
    CHECK(f.hears(*sub, "PUBLISH t qos1 id500: 0123456789"));
    CHECK(f.broker->stats().dropped_queue_full == 0);
}

TEST_CASE("what is put off goes on in turns of its own, with every socket served in between",
          "[mqtt][io]") {
    constexpr int kMessages = 2'000;
    ServerFixture f({.steps_per_turn = 100});
    PropertyList lasting;
    lasting.add<PropertyId::session_expiry_interval>(1'000);
    auto away = f.dial();
    f.say(*away, Connect{.client_id = "a", .properties = lasting.view()});
    f.say(*away, Subscribe{.packet_id = 1, .entries = {{"t", {.qos = Qos::at_least_once}}}});
    REQUIRE(f.hears(*away, "SUBACK 1 0x01"));
    f.say(*away, Disconnect{});
    REQUIRE(f.is_closed(*away));
    for (int i = 0; i < kMessages; ++i) {
        f.broker->publish({.topic = "t", .payload = bytes_of("x"), .qos = Qos::at_least_once},
                          f.loop.now());
    }
    int turns = 0;
    f.loop.on_turn_end([&] { turns += f.broker->has_more_to_do() ? 1 : 0; });
    const auto again = f.client("a");  // a clean start: the old session is erased first
    CHECK(turns >= kMessages / 100 - 1);
}

TEST_CASE("an authenticator may answer in a later turn", "[mqtt][io]") {
    ServerFixture f;
    f.access.later = true;
    const auto client = f.dial();
    f.say(*client, Connect{.client_id = "a"});
    f.say(*client, Pingreq{});
    REQUIRE(f.loop.run_until([&] { return !f.access.waiting.empty(); }));
    CHECK(client->heard.empty());
    f.loop.post([&] { f.access.waiting[0]({.reason = ReasonCode::success}, f.loop.now()); });
    CHECK(f.hears(*client, "PINGRESP"));
}

TEST_CASE("a server that stops tells its clients and is empty then", "[mqtt][io]") {
    ServerFixture f;
    const auto client = f.client("a");
    f.server->shut_down();
    CHECK(f.hears(*client, "DISCONNECT server shutting down"));
    CHECK(f.is_closed(*client));
    client->stream.reset();
    CHECK(f.loop.run_until([&] { return f.server->client_count() == 0; }));
    const auto late = f.dial();
    CHECK(f.is_closed(*late));
}

TEST_CASE("a server that is destroyed lets go of its clients", "[mqtt][io]") {
    ServerFixture f;
    const auto client = f.client("a");
    f.server.reset();
    CHECK(f.broker->connection_count() == 0);
    CHECK(f.is_closed(*client));
}
