// AWS IoT Core's narrower rules, each a sentence of its developer guide ("MQTT", "AWS IoT Core
// message broker and protocol limits and quotas").
#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

namespace {

struct World : BrokerFixture {
    World() : BrokerFixture(strict_limits({})) {}
    Client& here(const std::string& id, const ConnectOptions& options = {}) {
        Client& c = client(id).connect(options);
        c.take();
        return c;
    }
};

}  // namespace

TEST_CASE("strict: QoS 2 is not there: 155 for a PUBLISH and a will, QoS 1 granted",
          "[mqtt][strict]") {
    World f;
    CHECK(f.here("a").publish("t", "x", 2, 1).take() == Lines{"DISCONNECT QoS not supported"});
    CHECK(f.here("b").subscribe("t", 2).take() == Lines{"SUBACK 9 0x01"});
    const WillFields will{.topic = "w", .qos = Qos::exactly_once};
    CHECK(f.client("c").connect({.will = will}).take() == Lines{"CONNACK 155"});
}

TEST_CASE("strict: the CONNACK says what there is not", "[mqtt][strict]") {
    World f;
    Client& c = f.client("a").connect();
    StreamDecoder decoder(1000);
    REQUIRE(decoder.feed(c.take_bytes(), [](const Frame& frame) {
        const auto connack = parse_connack(frame, Version::v5);
        REQUIRE(connack);
        CHECK(connack->properties.find<PropertyId::maximum_qos>() == 1u);
        CHECK(connack->properties.find<PropertyId::subscription_identifier_available>() == 0u);
        CHECK(connack->properties.find<PropertyId::topic_alias_maximum>() == 8u);
        CHECK(connack->properties.find<PropertyId::receive_maximum>() == 100u);
        CHECK(connack->properties.find<PropertyId::maximum_packet_size>() == 149'504u);
        CHECK(connack->properties.find<PropertyId::server_keep_alive>() == 1200u);
        return Next::more;
    }));
}

TEST_CASE("strict: a subscription identifier ends the connection with 161", "[mqtt][strict]") {
    World f;
    CHECK(f.here("a").subscribe("t", SubscribeOptions{}, 7).take() ==
          Lines{"DISCONNECT subscription identifiers not supported"});
}

TEST_CASE("strict: \"a/#\" does not match \"a\"", "[mqtt][strict]") {
    World f;
    Client& c = f.here("a");
    c.subscribe("a/#", 0).take();
    c.publish("a", "x").publish("a/b", "y");
    CHECK(c.take() == Lines{"PUBLISH a/b: y"});
}

TEST_CASE("strict: retained messages come for exact filters only", "[mqtt][strict]") {
    World f;
    f.here("p").publish("a/b", "x", 1, 1, true);
    CHECK(f.here("a").subscribe("a/+", 0).take() == Lines{"SUBACK 9 0x00"});
    CHECK(f.here("b").subscribe("a/b", 0).take().size() == 2);
}

TEST_CASE("strict: topics have 256 bytes and seven slashes, reserved prefixes not counted",
          "[mqtt][strict]") {
    World f;
    Client& c = f.here("a");
    CHECK(c.publish("1/2/3/4/5/6/7/8", "x", 1, 1).take() ==
          Lines{"PUBACK 1 no matching subscribers"});
    CHECK(c.publish("1/2/3/4/5/6/7/8/9", "x", 1, 2).take() == Lines{"PUBACK 2 topic name invalid"});
    CHECK(c.publish("$aws/rules/r/1/2/3/4/5/6/7/8", "x", 1, 3).take() ==
          Lines{"PUBACK 3 no matching subscribers"});
    CHECK(c.publish(std::string(257, 't'), "x", 1, 4).take() ==
          Lines{"PUBACK 4 topic name invalid"});
    CHECK(c.subscribe(std::string(257, 't'), 0).take() == Lines{"SUBACK 9 0x8f"});
    CHECK(c.subscribe("1/2/3/4/5/6/7/8/9", 0).take() == Lines{"SUBACK 9 0x8f"});
}

TEST_CASE("strict: a payload above 128 KB ends the connection", "[mqtt][strict]") {
    World f;
    CHECK(f.here("a").publish("t", std::string(131'073, 'x'), 1, 1).take() ==
          Lines{"DISCONNECT packet too large"});
}

TEST_CASE("strict: eight filters a SUBSCRIBE, fifty subscriptions a connection", "[mqtt][strict]") {
    World f;
    Client& c = f.here("a");
    for (int i = 0; i < 50; ++i) c.subscribe("t/" + std::to_string(i), 0);
    c.take();
    CHECK(c.subscribe("one/more", 0).take() == Lines{"SUBACK 9 0x97"});
    Subscribe nine{.packet_id = 1};
    for (int i = 0; i < 9; ++i) nine.entries.push_back({"t", {}});
    CHECK(c.send(nine).take() == Lines{"DISCONNECT quota exceeded"});
}

TEST_CASE("strict: keep-alive is from 30 s to 1,200 s", "[mqtt][strict]") {
    World f;
    CHECK(f.client("a").connect({.keep_alive_s = 5}).take() == Lines{"CONNACK 0 keep_alive=30"});
    CHECK(f.client("b").connect({.keep_alive_s = 2000}).take() ==
          Lines{"CONNACK 0 keep_alive=1200"});
    CHECK(f.client("c").connect({.keep_alive_s = 60}).take() == Lines{"CONNACK 0"});
    Client& old = f.client("d").connect({.version = Version::v3_1_1, .keep_alive_s = 0});
    f.advance(std::chrono::seconds(1801));
    CHECK(old.ended());
}

TEST_CASE("strict: a hundred publishes a second of one connection, the rest is refused with 151",
          "[mqtt][strict]") {
    World f;
    Client& c = f.here("a");
    for (PacketId i = 1; i <= 100; ++i) c.publish("t", "x", 1, i);
    CHECK(c.take().back() == "PUBACK 100 no matching subscribers");
    CHECK(c.publish("t", "x", 1, 101).take() == Lines{"PUBACK 101 quota exceeded"});
    CHECK(f.broker->stats().over_rate == 1);
    f.advance(std::chrono::seconds(1));
    CHECK(c.publish("t", "x", 1, 102).take() == Lines{"PUBACK 102 no matching subscribers"});
}

TEST_CASE("strict: sessions of 3.1.1 and 5 are apart, and last an hour and a week at most",
          "[mqtt][strict]") {
    World f;
    const ConnectOptions old{.version = Version::v3_1_1, .clean_start = false};
    f.client("a").connect(old).vanish();
    CHECK(f.client("a").connect(old).take() == Lines{"CONNACK 0 present"});
    f.client("a").connect({.clean_start = false, .session_expiry_s = 900'000}).vanish();
    Client& again = f.client("a").connect({.clean_start = false, .session_expiry_s = 900'000});
    CHECK(again.take() == Lines{"CONNACK 0 present expiry=604800 keep_alive=1200"});
    CHECK(f.client("a").connect(old).take() == Lines{"CONNACK 0"});
    f.client("a").vanish();
    f.client("b").connect(old).vanish();
    f.advance(std::chrono::seconds(3601));
    CHECK(f.client("b").connect(old).take() == Lines{"CONNACK 0"});
}

TEST_CASE("strict: client ids have 128 bytes, and a packet of under 512 bytes is too small to take",
          "[mqtt][strict]") {
    World f;
    CHECK(f.client(std::string(129, 'c')).connect().take() == Lines{"CONNACK 133"});
    CHECK(f.client("a").connect({.maximum_packet_size = 511}).take() == Lines{"CONNACK 149"});
}

TEST_CASE("strict: a message expires within a week", "[mqtt][strict]") {
    World f;
    Client& c = f.here("a");
    c.subscribe("t", 1).take();
    PropertyList list;
    list.add<PropertyId::message_expiry_interval>(10'000'000);
    CHECK(c.publish("t", "x", 0, 0, false, list.view()).take() ==
          Lines{"PUBLISH t expiry604800: x"});
}
