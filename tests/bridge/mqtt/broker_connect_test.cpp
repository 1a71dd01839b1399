#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;
using namespace std::chrono_literals;

namespace {

const ConnectOptions k311{.version = Version::v3_1_1};
const ConnectOptions kLasting{.clean_start = false, .session_expiry_s = 100};

}  // namespace

TEST_CASE("a client is let in with CONNACK 0", "[mqtt][broker]") {
    BrokerFixture f;
    CHECK(f.client("a").connect().take() == Lines{"CONNACK 0"});
    CHECK(f.client("b").connect(k311).take() == Lines{"CONNACK 0"});
    CHECK(f.broker->connection_count() == 2);
}

TEST_CASE("[MQTT-3.1.0-1] what is not a CONNECT first ends the connection without an answer",
          "[mqtt][broker]") {
    for (const char* digits : {"c000", "30030001 61", "82060001000161 01", "e000", "2002 0000"}) {
        BrokerFixture f;
        std::string packed;
        for (const char* c = digits; *c != 0; ++c) {
            if (*c != ' ') packed.push_back(*c);
        }
        Client& client = f.stranger().send_hex(packed);
        INFO(digits);
        CHECK(client.take().empty());
        CHECK(client.ended());
    }
}

TEST_CASE("[MQTT-3.1.0-2] a second CONNECT is a protocol error", "[mqtt][broker]") {
    BrokerFixture f;
    Client& a = f.client("a").connect();
    a.take();
    CHECK(a.connect().take() == Lines{"DISCONNECT protocol error"});
    CHECK(a.ended());
    CHECK(f.broker->connection_count() == 0);
}

TEST_CASE("a huge remaining length before CONNECT is refused at its header", "[mqtt][broker]") {
    BrokerFixture f;
    Client& client = f.stranger().send_hex("10ffffff7f");
    CHECK(client.ended());
    CHECK(f.broker->stats().protocol_errors == 1);
}

TEST_CASE("a malformed CONNECT of each version gets the CONNACK that its version has",
          "[mqtt][broker]") {
    BrokerFixture f;
    // Reserved connect flag: 3.1.1 has no code for it, MQTT 5 has 0x81.
    CHECK(f.stranger().send_hex("100d00044d5154540403003c000161").take().empty());
    CHECK(f.stranger().send_hex("100e00044d5154540503003c00000161").take() == Lines{"CONNACK 129"});
    // [MQTT-3.1.2-2]: version 3 and 6.
    CHECK(f.stranger().send_hex("100f00064d51497364700302003c000161").take().size() == 1);
}

TEST_CASE("wrong credentials are refused with the code of the client's version", "[mqtt][broker]") {
    BrokerFixture f;
    CHECK(f.client("a").connect({.user_name = "wrong"}).take() == Lines{"CONNACK 134"});
    CHECK(f.client("b").connect({.version = Version::v3_1_1, .user_name = "wrong"}).take() ==
          Lines{"CONNACK 4"});
    CHECK(f.client("banned").connect().take() == Lines{"CONNACK 135"});
    CHECK(f.broker->stats().connections_refused == 3);
    CHECK(f.broker->session_count() == 0);
}

TEST_CASE("[MQTT-3.1.3-6] an empty client id gets one assigned; 3.1.1 only for a clean session",
          "[mqtt][broker]") {
    BrokerFixture f;
    const Lines lines = f.client("").connect().take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("CONNACK 0 assigned=auto-"));
    CHECK(f.client("").connect({.version = Version::v3_1_1, .clean_start = false}).take() ==
          Lines{"CONNACK 2"});
}

TEST_CASE("each client without an id is given another", "[mqtt][broker]") {
    BrokerFixture f;
    std::set<std::string> given;
    for (int i = 0; i < 100; ++i) given.insert(f.client("").connect().take().at(0));
    CHECK(given.size() == 100);
    CHECK(f.broker->session_count() == 100);
}

TEST_CASE("packets behind a CONNECT wait while somebody authenticates it", "[mqtt][broker]") {
    BrokerFixture f;
    f.access.later = true;
    Client& a = f.client("a").connect();
    a.subscribe("t", 0).publish("t", "hello");
    CHECK(a.take().empty());
    f.access.waiting.at(0)({.reason = ReasonCode::success}, f.now);
    CHECK(a.woken());
    a.connection().resume(f.now);
    f.turn();
    CHECK(a.take() == Lines{"CONNACK 0", "SUBACK 9 0x00", "PUBLISH t: hello"});
}

TEST_CASE("an answer for a client that is gone by then is dropped", "[mqtt][broker]") {
    BrokerFixture f;
    f.access.later = true;
    f.client("a").connect().vanish();
    f.access.waiting.at(0)({.reason = ReasonCode::success}, f.now);
    CHECK(f.broker->session_count() == 0);
    CHECK(f.broker->connection_count() == 0);
}

TEST_CASE("a client that says nothing is ended after the connect timeout", "[mqtt][broker]") {
    BrokerFixture f;
    Client& silent = f.stranger();
    silent.send_hex("10");  // crumbs do not help
    f.advance(9s);
    CHECK_FALSE(silent.ended());
    silent.send_hex("0d");
    f.advance(2s);
    CHECK(silent.ended());
    CHECK(f.broker->stats().connect_timeouts == 1);
}

TEST_CASE("[MQTT-3.1.2-22] silence for one and a half keep-alive ends the connection",
          "[mqtt][broker]") {
    BrokerFixture f;
    Client& a = f.client("a").connect({.keep_alive_s = 10});
    a.take();
    f.advance(14s);
    CHECK(a.send_hex("c000").take() == Lines{"PINGRESP"});
    f.advance(14s);
    CHECK_FALSE(a.ended());
    f.advance(1s);
    CHECK(a.take() == Lines{"DISCONNECT keep alive timeout"});
    CHECK(a.ended());
}

TEST_CASE("a keep-alive above the server's limit is shortened, and the client told",
          "[mqtt][broker]") {
    BrokerFixture f({.max_keep_alive_s = 60});
    CHECK(f.client("a").connect({.keep_alive_s = 61}).take() == Lines{"CONNACK 0 keep_alive=60"});
    CHECK(f.client("b").connect({.keep_alive_s = 60}).take() == Lines{"CONNACK 0"});
}

TEST_CASE("[MQTT-3.1.4-3] a second connection of a client takes its session over",
          "[mqtt][broker]") {
    BrokerFixture f;
    Client& old = f.client("a").connect(kLasting);
    old.subscribe("t", 1).take();
    Client& fresh = f.client("a").connect(kLasting);
    CHECK(old.take() == Lines{"DISCONNECT session taken over"});
    CHECK(old.ended());
    CHECK(fresh.take() == Lines{"CONNACK 0 present"});
    // What the old connection still says is of an old epoch.
    old.publish("t", "late");
    CHECK(fresh.take().empty());
    CHECK(f.broker->connection_count() == 1);
}

TEST_CASE("[MQTT-3.1.2-4] clean start discards the session", "[mqtt][broker]") {
    BrokerFixture f;
    f.client("a").connect(kLasting).subscribe("t", 1).disconnect();
    CHECK(f.client("a").connect({.clean_start = true, .session_expiry_s = 100}).take() ==
          Lines{"CONNACK 0"});
    CHECK(f.broker->subscription_count() == 0);
}

TEST_CASE("a session ends when its expiry has passed, not before", "[mqtt][broker]") {
    BrokerFixture f;
    f.client("a").connect(kLasting).disconnect();
    f.advance(99s);
    CHECK(f.broker->session_count() == 1);
    f.advance(1s);
    CHECK(f.broker->session_count() == 0);
    CHECK(f.broker->stats().sessions_expired == 1);
    CHECK(f.client("a").connect(kLasting).take() == Lines{"CONNACK 0"});
}

TEST_CASE("a session without expiry ends with its connection", "[mqtt][broker]") {
    BrokerFixture f;
    f.client("a").connect().subscribe("t", 0).vanish();
    CHECK(f.broker->session_count() == 0);
    CHECK(f.broker->subscription_count() == 0);
    CHECK(f.client("a").connect({.clean_start = false}).take() == Lines{"CONNACK 0"});
}

TEST_CASE("DISCONNECT may change the session expiry, but not from 0", "[mqtt][broker]") {
    BrokerFixture f;
    PropertyList expiry;
    expiry.add<PropertyId::session_expiry_interval>(5);
    f.client("a").connect(kLasting).send(Disconnect{.properties = expiry.view()});
    f.advance(5s);
    CHECK(f.broker->session_count() == 0);

    Client& b = f.client("b").connect();
    b.take();
    CHECK(b.send(Disconnect{.properties = expiry.view()}).take() ==
          Lines{"DISCONNECT protocol error"});
}

TEST_CASE("a session expiry above the limit is shortened, and the client told", "[mqtt][broker]") {
    BrokerFixture f({.max_session_expiry_s = 50});
    CHECK(f.client("a").connect(kLasting).take() == Lines{"CONNACK 0 expiry=50"});
}

TEST_CASE("connections and sessions above their limits are refused", "[mqtt][broker]") {
    BrokerFixture f({.max_connections = 1, .max_sessions = 2});
    f.client("a").connect(kLasting);
    CHECK(f.client("b").connect(kLasting).take() == Lines{"CONNACK 137"});
    f.client("a").connect(kLasting).disconnect();
    f.client("b").connect(kLasting).disconnect();
    CHECK(f.client("c").connect(kLasting).take() == Lines{"CONNACK 151"});
    CHECK(f.client("a").connect(kLasting).take() == Lines{"CONNACK 0 present"});
}

TEST_CASE("after a malformed packet MQTT 5 is told why, and 3.1.1 is closed", "[mqtt][broker]") {
    BrokerFixture f;
    Client& five = f.client("a").connect();
    Client& three = f.client("b").connect(k311);
    five.take();
    three.take();
    CHECK(five.send_hex("8200").take() == Lines{"DISCONNECT malformed packet"});
    CHECK(three.send_hex("8200").take().empty());
    CHECK(five.ended());
    CHECK(three.ended());
}

TEST_CASE("a packet above the maximum packet size ends the connection at its header",
          "[mqtt][broker]") {
    BrokerFixture f({.max_packet_bytes = 1'000});
    Client& a = f.client("a").connect();
    a.take();
    CHECK(a.send_hex("30e907").take() == Lines{"DISCONNECT packet too large"});
}

TEST_CASE("a server that stops says so", "[mqtt][broker]") {
    BrokerFixture f;
    Client& a = f.client("a").connect();
    a.take();
    a.connection().shut_down(f.now);
    CHECK(a.take() == Lines{"DISCONNECT server shutting down"});
    CHECK(f.broker->connection_count() == 0);
}
