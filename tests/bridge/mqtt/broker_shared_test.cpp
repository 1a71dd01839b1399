// Shared subscriptions (§4.8.2).
#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

namespace {

const ConnectOptions kLasting{.clean_start = false, .session_expiry_s = 100};

}  // namespace

TEST_CASE(
    "a shared subscription gives each message to one member, in turn, and waits for none "
    "that is away",
    "[mqtt][broker]") {
    BrokerFixture f;
    Client& a = in(f, "a", kLasting);
    Client& b = in(f, "b", kLasting);
    Client& plain = in(f, "plain");
    a.subscribe("$share/g/t", 1).take();
    b.subscribe("$share/g/t", 1).take();
    plain.subscribe("t", 0).take();
    Client& pub = in(f, "pub");
    for (int i = 0; i < 4; ++i) pub.publish("t", "x", 1, 1);
    CHECK(a.take().size() == 2);
    CHECK(b.take().size() == 2);
    CHECK(plain.take().size() == 4);
    a.vanish();
    for (int i = 0; i < 4; ++i) pub.publish("t", "x", 1, 1);
    CHECK(b.take().size() == 4);
    // With nobody there, a member with a lasting session keeps them.
    b.vanish();
    pub.publish("t", "kept", 1, 1);
    CHECK(f.log.rows(kQueueTable).size() >= 1);
    CHECK(f.client("c").connect().subscribe("$share/g/t", {.no_local = true}).take().back() ==
          "DISCONNECT protocol error");
}

TEST_CASE(
    "what a member of a shared subscription has not acknowledged goes to another when it ends",
    "[mqtt][shared]") {
    BrokerFixture f;
    Client& a = in(f, "a");
    Client& b = in(f, "b", {.receive_maximum = 1});
    Client& c = in(f, "c");
    for (Client* member : {&a, &b}) member->subscribe("$share/g/t", 2).take();
    Client& pub = in(f, "pub");
    pub.publish("t", "1", 1, 1).publish("t", "2", 1, 2).publish("t", "3", 1, 3);
    pub.publish("t", "4", 1, 4).publish("t", "5", 1, 5).publish("t", "6", 2, 6);
    CHECK(b.take() == Lines{"PUBLISH t qos1 id1: 2"});
    CHECK(a.answer(PacketType::puback, 1).take().size() == 3);
    c.subscribe("$share/g/t", {.qos = Qos::at_least_once}, 7).take();
    b.vanish();
    // What was sent and not acknowledged, and what waited; of QoS 2 what was never sent.
    CHECK(a.take() == Lines{"PUBLISH t qos1 id4: 2", "PUBLISH t qos2 id5: 6"});
    CHECK(c.take() == Lines{"PUBLISH t qos1 id1 sub7: 4"});
    a.vanish();
    CHECK(c.take() == Lines{"PUBLISH t qos1 id2 sub7: 3",
                            "PUBLISH t qos1 id3 sub7: 5",
                            "PUBLISH t qos1 id4 sub7: 2"});
    c.vanish();
    CHECK(f.broker->subscription_count() == 0);  // and there is nobody left
}

TEST_CASE("[MQTT-4.8.2-5] a QoS 2 message that was sent goes to no other member",
          "[mqtt][shared]") {
    BrokerFixture f;
    Client& a = in(f, "a");
    a.subscribe("$share/g/t", 2).take();
    in(f, "pub").publish("t", "x", 2, 1);
    CHECK(a.take() == Lines{"PUBLISH t qos2 id1: x"});
    Client& b = in(f, "b");
    b.subscribe("$share/g/t", 2).take();
    a.vanish();
    CHECK(b.take().empty());
}

TEST_CASE("what waits for a lasting member goes to another when its session ends, also by a crash",
          "[mqtt][shared][durable]") {
    BrokerFixture f;
    in(f, "a", kLasting).subscribe("$share/g/t", 1).disconnect();
    Client& pub = in(f, "pub");
    pub.publish("t", "1", 1, 1).publish("t", "2", 2, 2).publish("t", "gone", 1, 3);
    Client& a = in(f, "a", kLasting);  // all three are in flight to it
    a.answer(PacketType::puback, 3).vanish();
    const ConnectOptions longer{.clean_start = false, .session_expiry_s = 1'000};
    in(f, "b", longer).subscribe("$share/g/t", 1).disconnect();
    f.crash();
    f.advance(std::chrono::seconds(100));  // a's session ends
    CHECK(f.broker->session_count() == 1);
    CHECK(f.log.rows(kMessageTable).size() == 2);
    CHECK(f.client("b").connect(longer).take() ==
          Lines{"CONNACK 0 present", "PUBLISH t qos1 id1: 1", "PUBLISH t qos1 id2: 2"});
}
