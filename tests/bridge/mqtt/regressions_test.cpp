// What other brokers' trackers report, each as a test here (facts/mqtt-brokers.md): the names say
// whose it was.
#include "bridge/mqtt/session/tables.h"
#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

#include <random>

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

namespace {

const ConnectOptions k311{.version = Version::v3_1_1};
const ConnectOptions kLasting{.clean_start = false, .session_expiry_s = 1000};

// Everybody else is served as if nothing had been.
void others_are_served(BrokerFixture& f) {
    Client& a = in(f, "well-behaved");
    a.subscribe("well", 1).take();
    CHECK(a.publish("well", "hello", 1, 1).take() ==
          Lines{"PUBLISH well qos1 id1: hello", "PUBACK 1"});
    a.disconnect();
}

}  // namespace

TEST_CASE(
    "mosquitto CVE-2017-7651, Aedes #1086: a client that has not shown who it is takes no "
    "more memory than it has sent, and all of them together a bounded one",
    "[mqtt][regression]") {
    BrokerFixture f({.max_connect_bytes = 1'000, .max_unauthenticated_bytes = 2'500});
    CHECK(f.stranger().send_hex("10ffffff7f").ended());
    Client& one = f.stranger().send_hex("10e007");  // 992 bytes to come
    CHECK(f.broker->stats().unauthenticated_bytes == 3);
    one.send_bytes(Bytes(900, 'x'));
    Client& two = f.stranger().send_hex("10e007").send_bytes(Bytes(900, 'x'));
    CHECK_FALSE(one.ended());
    CHECK_FALSE(two.ended());
    CHECK(f.stranger().send_hex("10e007").send_bytes(Bytes(900, 'x')).ended());
    CHECK(f.broker->stats().over_unauthenticated_limit == 1);
    others_are_served(f);
    one.vanish();
    two.vanish();
    CHECK(f.broker->stats().unauthenticated_bytes == 0);
}

TEST_CASE("mosquitto CVE-2023-0809, FlashMQ #104: what is no CONNECT is not waited for",
          "[mqtt][regression]") {
    BrokerFixture f;
    CHECK(f.stranger().send_hex("30").ended());
    CHECK(f.stranger().send_bytes(bytes_of("GET / HTTP/1.1")).ended());
    CHECK(f.stranger().send_hex("c000").ended());
    CHECK(f.stranger().send_hex("f000").take().empty());
    CHECK(f.broker->session_count() == 0);
}

TEST_CASE(
    "mosquitto CVE-2023-28366: QoS 2 messages that are never released take no more than "
    "the announced maximum",
    "[mqtt][regression]") {
    BrokerFixture f({.receive_maximum = 100});
    Client& a = in(f, "a");
    for (PacketId id = 1; id <= 100; ++id) a.publish("t", "x", 2, id);
    CHECK_FALSE(a.ended());
    for (int i = 0; i < 1'000; ++i) a.publish("t", "x", 2, 7);
    CHECK_FALSE(a.ended());
    a.publish("t", "x", 2, 101);
    CHECK(a.ended());
}

TEST_CASE(
    "Aedes GHSA-5jvp: a 3.1.1 client, which knows no maximum, keeps no more than its packet "
    "ids",
    "[mqtt][regression]") {
    BrokerFixture f;
    Client& a = in(f, "a", {.version = Version::v3_1_1, .clean_start = false});
    for (int round = 0; round < 2; ++round) {
        for (unsigned id = 1; id <= 0xffff; id += 13) {
            a.publish("t", "x", 2, static_cast<PacketId>(id));
        }
    }
    CHECK_FALSE(a.ended());
    CHECK(f.log.rows(kInboundTable).size() == 0xffff / 13 + 1);
    CHECK(f.log.rows(kMessageTable).empty());
}

TEST_CASE(
    "mosquitto #3599, #3602: a second QoS 2 PUBLISH with DUP is answered with PUBREC, not "
    "with an error",
    "[mqtt][regression]") {
    BrokerFixture f;
    Client& a = in(f, "a");
    a.publish("t", "x", 2, 1).take();
    a.send(Publish{.dup = true, .qos = Qos::exactly_once, .topic = "t", .packet_id = 1});
    CHECK(a.take() == Lines{"PUBREC 1"});
    CHECK_FALSE(a.ended());
}

TEST_CASE("mosquitto CVE-2023-3592: a will with properties that are not its own is refused",
          "[mqtt][regression]") {
    BrokerFixture f;
    // Session expiry inside the will's section, then a good section cut off in its middle.
    CHECK(f.stranger()
              .send_hex("101d00044d5154540506003c00000161"
                        "05110000006400017700017800000000")
              .take() == Lines{"CONNACK 129"});
    CHECK(f.stranger().send_hex("101300044d5154540506003c0000016105260001").connection().closed() ==
          false);
    others_are_served(f);
}

TEST_CASE(
    "mosquitto CVE-2021-34431, -28166, rumqttd #812: packets of a server that a client sends "
    "end its connection",
    "[mqtt][regression]") {
    for (const char* packet : {"20020000", "2003000000", "9003000100", "b0020001", "d000"}) {
        INFO(packet);
        BrokerFixture f;
        Client& a = in(f, "a", k311);
        CHECK(a.send_hex(packet).ended());
        CHECK(in(f, "b").send_hex(packet).ended());
        others_are_served(f);
    }
}

TEST_CASE("hmq #177: a SUBSCRIBE that is cut off costs its own connection", "[mqtt][regression]") {
    for (const char* packet : {"8200", "820100", "82020001", "82050001000574", "820400010001"}) {
        INFO(packet);
        BrokerFixture f;
        Client& a = in(f, "a", k311);
        a.send_hex(packet);
        others_are_served(f);
        CHECK(f.broker->subscription_count() == 0);
    }
}

TEST_CASE("mosquitto #1412: a filter of 65,000 slashes is refused, and costs nobody a stack",
          "[mqtt][regression]") {
    BrokerFixture f;
    Client& a = in(f, "a");
    CHECK(a.subscribe(std::string(65'000, '/'), 0).take() == Lines{"SUBACK 9 0x8f"});
    CHECK(a.subscribe("+" + std::string(199, '/'), 0).take() == Lines{"SUBACK 9 0x00"});
    CHECK(a.publish(std::string(65'000, '/'), "x", 1, 1).take() ==
          Lines{"PUBACK 1 topic name invalid"});
    CHECK(a.publish(std::string(199, '/'), "x").take().size() == 1);
}

TEST_CASE("FlashMQ #167: a shared group whose last member goes is no group", "[mqtt][regression]") {
    BrokerFixture f;
    Client& a = in(f, "a");
    Client& b = in(f, "b");
    a.subscribe("$share/g/t", 1);
    b.subscribe("$share/g/t", 1);
    a.unsubscribe("$share/g/t");
    b.vanish();
    CHECK(in(f, "c").publish("t", "x", 1, 1).take() == Lines{"PUBACK 1 no matching subscribers"});
}

TEST_CASE(
    "FlashMQ #173: what was in flight when the connection broke does not use up the next "
    "one's quota",
    "[mqtt][regression]") {
    BrokerFixture f;
    const ConnectOptions narrow{
        .clean_start = false, .session_expiry_s = 100, .receive_maximum = 2};
    in(f, "a", narrow).subscribe("t", 1);
    Client& pub = in(f, "pub");
    for (PacketId id = 1; id <= 6; ++id) pub.publish("t", std::to_string(id), 1, id);
    for (int i = 0; i < 5; ++i) {
        Client& again = f.client("a");
        again.connect(narrow);
        CHECK(again.take().size() == 3);  // CONNACK and two messages, each time
        again.vanish();
    }
    Client& last = f.client("a");
    last.connect(narrow);
    for (PacketId id = 1; id <= 6; ++id) last.answer(PacketType::puback, id);
    CHECK(last.take().size() == 7);
}

TEST_CASE("mosquitto #3096, #2196, EMQX #15605: a new subscriber gets every retained message",
          "[mqtt][regression]") {
    BrokerFixture f;
    Client& pub = in(f, "pub");
    constexpr int kTopics = 5'000;
    for (int i = 0; i < kTopics; ++i) pub.publish("t/" + std::to_string(i), "x", 0, 0, true);
    Client& a = in(f, "a", {.receive_maximum = 10});
    a.subscribe("t/#", 1);
    std::size_t heard = 0;
    for (int turns = 0; heard < kTopics && turns < 10'000; ++turns) {
        for (const std::string& line : a.take()) heard += line.starts_with("PUBLISH") ? 1 : 0;
        f.advance(std::chrono::milliseconds(1));
    }
    CHECK(heard == kTopics);
}

TEST_CASE("NanoMQ #1741: a QoS 1 message that went into a dead connection comes with the next",
          "[mqtt][regression]") {
    BrokerFixture f;
    Client& a = in(f, "a", kLasting);
    a.subscribe("t", 1).take();
    a.queued = 1u << 20;  // the network takes nothing any more, and nobody knows yet
    in(f, "pub").publish("t", "x", 1, 1);
    a.vanish();
    Client& again = f.client("a");
    CHECK(again.connect(kLasting).take() ==
          Lines{"CONNACK 0 present", "PUBLISH t qos1 id1 dup: x"});
}

TEST_CASE("mosquitto #1726: a queue that shrank does not grow again with a restart",
          "[mqtt][regression]") {
    BrokerFixture f;
    Client& a = in(f, "a", kLasting);
    a.subscribe("t", 2).take();
    Client& pub = in(f, "pub");
    for (PacketId id = 1; id <= 10; ++id) pub.publish("t", std::to_string(id), 2, id);
    for (PacketId id = 1; id <= 9; ++id) {
        a.answer(PacketType::pubrec, id).answer(PacketType::pubcomp, id);
    }
    f.crash();
    Client& again = f.client("a");
    CHECK(again.connect(kLasting).take() ==
          Lines{"CONNACK 0 present", "PUBLISH t qos2 id10 dup: 10"});
}

TEST_CASE("Aedes #88, mochi #95: a client that reads nothing holds nobody up",
          "[mqtt][regression]") {
    BrokerFixture f({.max_queued_messages = 50, .soft_output_bytes = 1'000});
    Client& slow = in(f, "slow", kLasting);
    slow.subscribe("#", 1).take();
    slow.queued = 5'000;
    Client& pub = in(f, "pub");
    Client& quick = in(f, "quick");
    quick.subscribe("t", 1).take();
    for (unsigned i = 0; i < 500; ++i) {
        pub.publish("t", "x", 1, static_cast<PacketId>(i + 1));
        CHECK(quick.take().size() == 1);
        quick.answer(PacketType::puback, static_cast<PacketId>(i + 1));
    }
    CHECK(pub.take().size() == 500);
    CHECK(f.broker->stats().dropped_queue_full == 450);
}

TEST_CASE(
    "mosquitto CVE-2024-8376, NanoMQ #2115 to #2119: no order of packets of many clients "
    "breaks the broker",
    "[mqtt][regression]") {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        const auto pick = [&](unsigned below) { return static_cast<unsigned>(random() % below); };
        BrokerFixture f({.receive_maximum = 20, .max_inflight = 3, .max_queued_messages = 20});
        const char* const filters[] = {"t/1", "t/+", "#", "$share/g/t/1", "$share/g/#"};
        for (int step = 0; step < 2'000; ++step) {
            Client& c = f.client("c" + std::to_string(pick(5)));
            c.connect({.version = pick(2) == 0 ? Version::v5 : Version::v3_1_1,
                       .clean_start = pick(2) == 0,
                       .session_expiry_s = pick(2) * 100,
                       .receive_maximum = static_cast<std::uint16_t>(pick(4))});
            for (unsigned i = pick(8); i > 0 && !c.ended(); --i) {
                const auto id = static_cast<PacketId>(1 + pick(6));
                switch (pick(7)) {
                    case 0:
                        c.subscribe(filters[pick(5)], static_cast<int>(pick(3)));
                        break;
                    case 1:
                        c.unsubscribe(filters[pick(5)]);
                        break;
                    case 2:
                    case 3:
                        c.publish("t/" + std::to_string(pick(2)),
                                  pick(4) == 0 ? "" : "x",
                                  static_cast<int>(pick(3)),
                                  id,
                                  pick(3) == 0);
                        break;
                    case 4:
                        c.answer(static_cast<PacketType>(4 + pick(4)), id);
                        break;
                    case 5:
                        f.advance(std::chrono::seconds(pick(30)));
                        break;
                    default:
                        c.queued = pick(2) * (64u << 20);
                        break;
                }
            }
            if (pick(3) == 0 && !c.ended()) {
                pick(2) == 0 ? c.vanish() : c.disconnect();
            }
            if (pick(200) == 0) f.crash();
        }
        others_are_served(f);
        CHECK(f.broker->stats().corrupt_rows == 0);
    }
}
