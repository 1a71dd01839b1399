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

TEST_CASE("a message is delivered with the lower QoS of publisher and subscriber",
          "[mqtt][broker]") {
    struct Case {
        int published, subscribed;
        const char* delivered;
    };
    const Case cases[] = {{0, 0, "PUBLISH t: x"},
                          {0, 2, "PUBLISH t: x"},
                          {1, 0, "PUBLISH t: x"},
                          {1, 1, "PUBLISH t qos1 id1: x"},
                          {1, 2, "PUBLISH t qos1 id1: x"},
                          {2, 1, "PUBLISH t qos1 id1: x"},
                          {2, 2, "PUBLISH t qos2 id1: x"}};
    for (const auto version : {Version::v3_1_1, Version::v5}) {
        for (const Case& c : cases) {
            BrokerFixture f;
            Client& sub = in(f, "sub", {.version = version});
            sub.subscribe("t", c.subscribed).take();
            in(f, "pub").publish("t", "x", c.published, c.published == 0 ? 0 : 7);
            CHECK(sub.take() == Lines{c.delivered});
        }
    }
}

TEST_CASE("a QoS 1 message is acknowledged, with no subscribers said where there are none",
          "[mqtt][broker]") {
    BrokerFixture f;
    Client& pub = in(f, "pub");
    CHECK(pub.publish("t", "x", 1, 7).take() == Lines{"PUBACK 7 no matching subscribers"});
    in(f, "sub").subscribe("t", 0);
    CHECK(pub.publish("t", "x", 1, 8).take() == Lines{"PUBACK 8"});
    CHECK(in(f, "old", k311).publish("q", "x", 1, 9).take() == Lines{"PUBACK 9"});
}

TEST_CASE("a QoS 2 message is delivered once however often its PUBLISH comes", "[mqtt][broker]") {
    BrokerFixture f;
    Client& sub = in(f, "sub");
    sub.subscribe("t", 0).take();
    Client& pub = in(f, "pub");
    const Publish again{.dup = true, .qos = Qos::exactly_once, .topic = "t", .packet_id = 7};
    CHECK(pub.publish("t", "", 2, 7).take() == Lines{"PUBREC 7"});
    CHECK(pub.send(again).take() == Lines{"PUBREC 7"});
    CHECK(pub.send(again).take() == Lines{"PUBREC 7"});
    CHECK(sub.take() == Lines{"PUBLISH t: "});
    CHECK(pub.answer(PacketType::pubrel, 7).take() == Lines{"PUBCOMP 7"});
    CHECK(pub.answer(PacketType::pubrel, 7).take() ==
          Lines{"PUBCOMP 7 packet identifier not found"});
    // The id is free for a new message now.
    pub.publish("t", "new", 2, 7);
    CHECK(sub.take() == Lines{"PUBLISH t: new"});
}

TEST_CASE("[MQTT-3.3.4-9] more QoS 2 messages than the receive maximum end the connection",
          "[mqtt][broker]") {
    BrokerFixture f({.receive_maximum = 3});
    Client& pub = in(f, "pub");
    for (PacketId id = 1; id <= 3; ++id) pub.publish("t", "x", 2, id);
    CHECK(pub.take().size() == 3);
    CHECK(pub.publish("t", "x", 2, 4).take() == Lines{"DISCONNECT receive maximum exceeded"});
}

TEST_CASE("a message to a QoS 2 subscriber goes through PUBREC, PUBREL and PUBCOMP",
          "[mqtt][broker]") {
    BrokerFixture f;
    Client& sub = in(f, "sub");
    sub.subscribe("t", 2).take();
    in(f, "pub").publish("t", "x", 2, 1);
    CHECK(sub.take() == Lines{"PUBLISH t qos2 id1: x"});
    CHECK(sub.answer(PacketType::pubrec, 1).take() == Lines{"PUBREL 1"});
    CHECK(sub.answer(PacketType::pubrec, 1).take() == Lines{"PUBREL 1"});
    CHECK(sub.answer(PacketType::pubcomp, 1).take().empty());
    CHECK(sub.answer(PacketType::pubrec, 1).take() ==
          Lines{"PUBREL 1 packet identifier not found"});
    CHECK(f.broker->stats().messages_acknowledged == 1);
}

TEST_CASE("a PUBREC with an error ends the QoS 2 exchange", "[mqtt][broker]") {
    BrokerFixture f;
    Client& sub = in(f, "sub", {.receive_maximum = 1});
    sub.subscribe("t", 2).take();
    Client& pub = in(f, "pub");
    pub.publish("t", "x", 2, 1).publish("t", "y", 2, 2);
    CHECK(sub.take() == Lines{"PUBLISH t qos2 id1: x"});
    CHECK(sub.answer(PacketType::pubrec, 1, ReasonCode::quota_exceeded).take() ==
          Lines{"PUBLISH t qos2 id2: y"});
}

TEST_CASE("no more than the client's receive maximum is in flight to it", "[mqtt][broker]") {
    BrokerFixture f;
    Client& sub = in(f, "sub", {.receive_maximum = 2});
    sub.subscribe("t", 1).take();
    Client& pub = in(f, "pub");
    for (const char* text : {"a", "b", "c", "d"}) pub.publish("t", text, 1, 1);
    CHECK(sub.take() == Lines{"PUBLISH t qos1 id1: a", "PUBLISH t qos1 id2: b"});
    CHECK(sub.answer(PacketType::puback, 2).take() == Lines{"PUBLISH t qos1 id3: c"});
    CHECK(sub.answer(PacketType::puback, 2).take().empty());  // acknowledged already
    CHECK(sub.answer(PacketType::puback, 1).take() == Lines{"PUBLISH t qos1 id4: d"});
}

TEST_CASE("the quota begins anew with each connection, full of what was not acknowledged",
          "[mqtt][broker]") {
    BrokerFixture f;
    const ConnectOptions narrow{
        .clean_start = false, .session_expiry_s = 100, .receive_maximum = 2};
    in(f, "sub", narrow).subscribe("t", 1);
    Client& pub = in(f, "pub");
    for (const char* text : {"a", "b", "c"}) pub.publish("t", text, 1, 1);
    for (int round = 0; round < 5; ++round) {
        CHECK(f.client("sub").connect(narrow).take() ==
              Lines{"CONNACK 0 present", "PUBLISH t qos1 id1 dup: a", "PUBLISH t qos1 id2 dup: b"});
    }
    Client& sub = f.client("sub").connect(narrow);
    sub.take();
    CHECK(sub.answer(PacketType::puback, 1).take() == Lines{"PUBLISH t qos1 id3: c"});
    sub.answer(PacketType::puback, 2).answer(PacketType::puback, 3);
    pub.publish("t", "d", 1, 1).publish("t", "e", 1, 2);
    CHECK(sub.take().size() == 2);
}

TEST_CASE("packet ids go round without meeting one that is in use", "[mqtt][broker]") {
    BrokerFixture f;
    Client& sub = in(f, "sub");
    sub.subscribe("t", 1).take();
    PublishMessage message{.topic = "t", .qos = Qos::at_least_once};
    f.broker->publish(message, f.now);
    REQUIRE(sub.take() == Lines{"PUBLISH t qos1 id1: "});  // and is never acknowledged
    for (int i = 0; i < 70'000; ++i) {
        f.broker->publish(message, f.now);
        const Lines lines = sub.take();
        REQUIRE(lines.size() == 1);
        REQUIRE(lines[0] != "PUBLISH t qos1 id1: ");
        const int sent = std::stoi(lines[0].substr(lines[0].find("id") + 2));
        sub.connection().on_bytes(Bytes{0x40, 2, std::uint8_t(sent >> 8), std::uint8_t(sent)},
                                  f.now);
    }
    CHECK(f.broker->stats().messages_acknowledged == 70'000);
}

TEST_CASE("a client with several matching subscriptions gets one copy with all identifiers",
          "[mqtt][broker]") {
    BrokerFixture f;
    Client& sub = in(f, "sub");
    sub.subscribe("a/+", {.qos = Qos::at_least_once}, 11).subscribe("a/#", {}, 12);
    sub.subscribe("a/b", {.qos = Qos::exactly_once}, 13).take();
    in(f, "pub").publish("a/b", "x", 2, 1);
    const Lines lines = sub.take();
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].starts_with("PUBLISH a/b qos2 id1 sub"));
    for (const char* id : {"sub11", "sub12", "sub13"}) {
        CHECK(lines[0].find(id) != std::string::npos);
    }
}

TEST_CASE("[MQTT-3.8.3-3] no-local keeps a client's own messages from it", "[mqtt][broker]") {
    BrokerFixture f;
    Client& a = in(f, "a");
    a.subscribe("t", {.no_local = true}).take();
    CHECK(a.publish("t", "mine").take().empty());
    in(f, "b").publish("t", "yours");
    CHECK(a.take() == Lines{"PUBLISH t: yours"});
}

TEST_CASE("user properties, content type, reply topic and correlation go through unaltered",
          "[mqtt][broker]") {
    BrokerFixture f;
    Client& five = in(f, "five");
    Client& three = in(f, "three", k311);
    five.subscribe("t", 0).take();
    three.subscribe("t", 0).take();
    PropertyList p;
    p.add_user("k", "1")
        .add<PropertyId::content_type>("json")
        .add<PropertyId::topic_alias>(1)
        .add<PropertyId::response_topic>("r")
        .add<PropertyId::correlation_data>(bytes_of("c"))
        .add_user("k", "2");
    in(f, "pub").publish("t", "x", 0, 0, false, p.view());
    CHECK(five.take() == Lines{"PUBLISH t type=json reply=r correlation=c k=1 k=2: x"});
    CHECK(three.take() == Lines{"PUBLISH t: x"});
}

TEST_CASE("an inbound topic alias stands for the name it was given last", "[mqtt][broker]") {
    BrokerFixture f({.topic_alias_maximum = 2});
    Client& sub = in(f, "sub");
    sub.subscribe("#", 0).take();
    Client& pub = in(f, "pub");
    PropertyList one, two, three;
    one.add<PropertyId::topic_alias>(1);
    two.add<PropertyId::topic_alias>(2);
    three.add<PropertyId::topic_alias>(3);
    pub.publish("a", "1", 0, 0, false, one.view()).publish("", "2", 0, 0, false, one.view());
    pub.publish("b", "3", 0, 0, false, one.view()).publish("", "4", 0, 0, false, one.view());
    CHECK(sub.take() == Lines{"PUBLISH a: 1", "PUBLISH a: 2", "PUBLISH b: 3", "PUBLISH b: 4"});
    CHECK(pub.publish("", "5", 0, 0, false, two.view()).take() ==
          Lines{"DISCONNECT protocol error"});
    CHECK(in(f, "p2").publish("a", "6", 0, 0, false, three.view()).take() ==
          Lines{"DISCONNECT topic alias invalid"});
}

TEST_CASE("a message expires in the queue, and what is left of its time is passed on",
          "[mqtt][broker]") {
    BrokerFixture f;
    in(f, "sub", kLasting).subscribe("t", 1).disconnect();
    PropertyList soon, later;
    soon.add<PropertyId::message_expiry_interval>(5);
    later.add<PropertyId::message_expiry_interval>(50);
    in(f, "pub")
        .publish("t", "soon", 1, 1, false, soon.view())
        .publish("t", "later", 1, 2, false, later.view());
    f.advance(10s);
    CHECK(f.client("sub").connect(kLasting).take() ==
          Lines{"CONNACK 0 present", "PUBLISH t qos1 id1 expiry40: later"});
    CHECK(f.broker->stats().dropped_expired == 1);
}

TEST_CASE("[MQTT-3.1.2-25] a message above the client's maximum packet size is not sent to it",
          "[mqtt][broker]") {
    BrokerFixture f;
    Client& small = in(f, "small", {.session_expiry_s = 9, .maximum_packet_size = 20});
    small.subscribe("t", 1).take();
    Client& pub = in(f, "pub");
    CHECK(pub.publish("t", std::string(30, 'x'), 1, 1).take() == Lines{"PUBACK 1"});
    CHECK(pub.publish("t", "y", 1, 2).take() == Lines{"PUBACK 2"});
    CHECK(small.take() == Lines{"PUBLISH t qos1 id2: y"});
    CHECK(f.broker->stats().dropped_too_large == 1);
    CHECK(f.log.rows(kQueueTable).size() == 1);
}

TEST_CASE("an unauthorised publish is refused as far as the version can say it", "[mqtt][broker]") {
    BrokerFixture f;
    Client& five = in(f, "five");
    CHECK(five.publish("secret", "x", 1, 1).take() == Lines{"PUBACK 1 not authorized"});
    CHECK(five.publish("secret", "x", 2, 2).take() == Lines{"PUBREC 2 not authorized"});
    CHECK(five.publish("open", "x", 1, 3).take() == Lines{"PUBACK 3 no matching subscribers"});
    CHECK(five.publish("secret", "x").take() == Lines{"DISCONNECT not authorized"});
    Client& three = in(f, "three", k311);
    CHECK(three.publish("secret", "x", 1, 1).take().empty());
    CHECK(three.ended());
    CHECK(f.broker->stats().not_authorized == 4);
}

TEST_CASE("what a client may not receive is not sent to it", "[mqtt][broker]") {
    BrokerFixture f;
    f.access.receive_checked = true;
    Client& deaf = in(f, "deaf");
    Client& other = in(f, "other");
    deaf.subscribe("t", 0).take();
    other.subscribe("t", 0).take();
    in(f, "pub").publish("t", "x");
    CHECK(deaf.take().empty());
    CHECK(other.take() == Lines{"PUBLISH t: x"});
}

TEST_CASE("a topic deeper than the limit is refused by name, 65,000 slashes too",
          "[mqtt][broker]") {
    BrokerFixture f;
    Client& a = in(f, "a");
    const std::string slashes(65'000, '/');
    CHECK(a.publish(slashes, "x", 1, 1).take() == Lines{"PUBACK 1 topic name invalid"});
    CHECK(a.subscribe(slashes, 0).take() == Lines{"SUBACK 9 0x8f"});
    CHECK(a.send_hex("c000").take() == Lines{"PINGRESP"});
}

TEST_CASE("QoS 0 to a slow reader is dropped above the soft limit, QoS 1 waits", "[mqtt][broker]") {
    BrokerFixture f({.soft_output_bytes = 100});
    Client& slow = in(f, "slow");
    slow.subscribe("t", 1).take();
    slow.queued = 100;
    Client& pub = in(f, "pub");
    pub.publish("t", "gone").publish("t", "waits", 1, 1);
    CHECK(slow.take().empty());
    CHECK(f.broker->stats().dropped_slow_consumer == 1);
    slow.queued = 0;
    slow.connection().on_drained(f.now);
    CHECK(slow.take() == Lines{"PUBLISH t qos1 id1: waits"});
}

TEST_CASE("a queue is bounded in messages and in bytes; the newest is dropped", "[mqtt][broker]") {
    BrokerFixture f({.max_queued_messages = 3, .max_queued_bytes = 50});
    in(f, "sub", kLasting).subscribe("t", 1).disconnect();
    Client& pub = in(f, "pub");
    for (const char* text : {"a", "b", "c", "d"}) pub.publish("t", text, 1, 1);
    CHECK(f.broker->stats().dropped_queue_full == 1);
    CHECK(f.client("sub").connect(kLasting).take() == Lines{"CONNACK 0 present",
                                                            "PUBLISH t qos1 id1: a",
                                                            "PUBLISH t qos1 id2: b",
                                                            "PUBLISH t qos1 id3: c"});
    in(f, "big", kLasting).subscribe("u", 1).disconnect();
    pub.publish("u", std::string(49, 'x'), 1, 1).publish("u", "y", 1, 2);
    CHECK(f.broker->stats().dropped_queue_full == 2);
}

TEST_CASE("messages for one client keep their order through the queue", "[mqtt][broker]") {
    BrokerFixture f;
    const ConnectOptions narrow{
        .clean_start = false, .session_expiry_s = 100, .receive_maximum = 3};
    in(f, "sub", narrow).subscribe("t", 1).disconnect();
    Client& pub = in(f, "pub");
    for (int i = 0; i < 1'000; ++i) pub.publish("t", std::to_string(i), 1, 1);
    Client& sub = f.client("sub").connect(narrow);
    std::vector<int> got;
    Lines lines = sub.take();
    lines.erase(lines.begin());
    for (int more = 1'000; !lines.empty();) {
        for (const std::string& line : lines) {
            got.push_back(std::stoi(line.substr(line.find(": ") + 2)));
            const int id = std::stoi(line.substr(line.find("id") + 2));
            // New ones queue up behind the old ones.
            if (more < 1'100) pub.publish("t", std::to_string(more++), 1, 1);
            sub.answer(PacketType::puback, static_cast<PacketId>(id));
        }
        f.advance(std::chrono::milliseconds(1));  // a turn reads so much back and no more
        lines = sub.take();
    }
    REQUIRE(got.size() == 1'100);
    CHECK(std::is_sorted(got.begin(), got.end()));
    CHECK(f.log.rows(kQueueTable).empty());
    CHECK(f.log.rows(kMessageTable).empty());
}

TEST_CASE("[MQTT-3.3.4-6] a client that sends a subscription identifier breaks the protocol",
          "[mqtt][broker]") {
    BrokerFixture f;
    PropertyList p;
    p.add<PropertyId::subscription_identifier>(1);
    CHECK(in(f, "a").publish("t", "x", 0, 0, false, p.view()).take() ==
          Lines{"DISCONNECT protocol error"});
}

TEST_CASE("a payload that is not the UTF-8 it says to be is refused", "[mqtt][broker]") {
    BrokerFixture f;
    PropertyList p;
    p.add<PropertyId::payload_format_indicator>(1);
    CHECK(in(f, "a").publish("t", "\xff", 0, 0, false, p.view()).take() ==
          Lines{"DISCONNECT payload format invalid"});
}

TEST_CASE("unsubscribing answers for each filter, and ends delivery", "[mqtt][broker]") {
    BrokerFixture f;
    Client& a = in(f, "a");
    a.subscribe("t", 0).take();
    CHECK(a.unsubscribe("t").take() == Lines{"UNSUBACK 8 0x00"});
    CHECK(a.unsubscribe("t").take() == Lines{"UNSUBACK 8 0x11"});
    CHECK(a.unsubscribe("t/#/x").take() == Lines{"UNSUBACK 8 0x8f"});
    CHECK(a.publish("t", "x").take().empty());
    CHECK(f.broker->subscription_count() == 0);
}

TEST_CASE("a SUBSCRIBE is answered filter by filter", "[mqtt][broker]") {
    BrokerFixture f({.max_subscriptions_per_session = 3});
    Client& a = in(f, "a");
    const SubscribeOptions one{.qos = Qos::at_least_once};
    const Subscribe packet{.packet_id = 5,
                           .entries = {{"a", {}},
                                       {"b/#/c", {}},
                                       {"secret", {}},
                                       {"b", one},
                                       {"b", one},
                                       {"c", {}},
                                       {"d", {}}}};
    CHECK(a.send(packet).take() == Lines{"SUBACK 5 0x00 0x8f 0x87 0x01 0x01 0x00 0x97"});
    Client& three = in(f, "three", k311);
    CHECK(three.send(Subscribe{.packet_id = 6, .entries = {{"b/#/c", {}}, {"a", one}}}).take() ==
          Lines{"SUBACK 6 0x80 0x01"});
}
