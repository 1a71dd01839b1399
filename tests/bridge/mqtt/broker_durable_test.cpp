#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

#include <random>
#include <set>

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;
using namespace std::chrono_literals;
using store::MemoryLog;

namespace {

const ConnectOptions kLasting{.clean_start = false, .session_expiry_s = 1'000};

// The log answers when commit() is called.
struct SteppedFixture : BrokerFixture {
    explicit SteppedFixture(Limits l = {}) : BrokerFixture(l, MemoryLog::Answers::when_stepped) {}
    Client& in(const std::string& id, const ConnectOptions& options = {}) {
        Client& client = this->client(id).connect(options);
        commit();
        client.take();
        return client;
    }
};

}  // namespace

TEST_CASE("CONNACK of a lasting session leaves after its commit, and nothing before it",
          "[mqtt][durable]") {
    SteppedFixture f;
    Client& a = f.client("a").connect(kLasting);
    a.send_hex("c000");
    CHECK(a.take().empty());
    f.commit();
    CHECK(a.take() == Lines{"CONNACK 0", "PINGRESP"});
    CHECK(f.client("b").connect().take() == Lines{"CONNACK 0"});  // nothing to keep: at once
}

TEST_CASE("SUBACK and UNSUBACK of a lasting session leave after their commit", "[mqtt][durable]") {
    SteppedFixture f;
    Client& a = f.in("a", kLasting);
    CHECK(a.subscribe("t", 1).take().empty());
    f.commit();
    CHECK(a.take() == Lines{"SUBACK 9 0x01"});
    CHECK(a.unsubscribe("t").take().empty());
    f.commit();
    CHECK(a.take() == Lines{"UNSUBACK 8 0x00"});
}

TEST_CASE("PUBACK waits for the commit where a lasting session or retaining needs it",
          "[mqtt][durable]") {
    SteppedFixture f;
    Client& pub = f.in("pub");
    f.in("plain").subscribe("plain", 1);
    f.in("lasting", kLasting).subscribe("lasting", 1);
    f.commit();
    CHECK(pub.publish("plain", "x", 1, 1).take() == Lines{"PUBACK 1"});
    CHECK(pub.publish("lasting", "x", 1, 2).take().empty());
    // [MQTT-4.6.0-2]: in the order of the PUBLISH packets.
    CHECK(pub.publish("plain", "x", 1, 3).take().empty());
    CHECK(pub.publish("plain", "x", 2, 4).take().empty());
    f.commit();
    CHECK(pub.take() == Lines{"PUBACK 2", "PUBACK 3", "PUBREC 4"});
    CHECK(pub.publish("kept", "x", 1, 5, true).take().empty());
    f.commit();
    CHECK(pub.take() == Lines{"PUBACK 5 no matching subscribers"});
}

TEST_CASE("messages without an answer yet count against the receive maximum", "[mqtt][durable]") {
    SteppedFixture f({.receive_maximum = 2});
    f.in("sub", kLasting).subscribe("t", 1);
    Client& pub = f.in("pub");
    pub.publish("t", "x", 1, 1).publish("t", "x", 1, 2);
    CHECK(pub.publish("t", "x", 1, 3).take() == Lines{"DISCONNECT receive maximum exceeded"});
}

TEST_CASE("a subscriber gets QoS 1 at once and QoS 2 when its packet id is on disk",
          "[mqtt][durable]") {
    SteppedFixture f;
    Client& sub = f.in("sub", kLasting);
    sub.subscribe("one", 1).subscribe("two", 2);
    f.commit();
    sub.take();
    Client& pub = f.in("pub");
    pub.publish("one", "x", 1, 1).publish("two", "y", 2, 2);
    CHECK(sub.take() == Lines{"PUBLISH one qos1 id1: x"});
    f.commit();
    CHECK(sub.take() == Lines{"PUBLISH two qos2 id2: y"});
    // PUBREL says that the PUBREC will not be forgotten.
    CHECK(sub.answer(PacketType::pubrec, 2).take().empty());
    f.commit();
    CHECK(sub.take() == Lines{"PUBREL 2"});
}

TEST_CASE("PUBCOMP leaves when the packet id is free on disk too", "[mqtt][durable]") {
    SteppedFixture f;
    Client& pub = f.in("pub", kLasting);
    pub.publish("t", "x", 2, 7);
    f.commit();
    CHECK(pub.take() == Lines{"PUBREC 7 no matching subscribers"});
    CHECK(pub.answer(PacketType::pubrel, 7).take().empty());
    f.commit();
    CHECK(pub.take() == Lines{"PUBCOMP 7"});
    CHECK(f.log.rows(kInboundTable).empty());
}

TEST_CASE("[MQTT-3.1.2-4] a clean start is acknowledged when the old session is gone from the disk",
          "[mqtt][durable]") {
    SteppedFixture f;
    f.in("a", kLasting).disconnect();
    f.commit();
    Client& a = f.client("a").connect();
    CHECK(a.take().empty());
    f.commit();
    CHECK(a.take() == Lines{"CONNACK 0"});
    f.crash();
    Client& again = f.client("a").connect(kLasting);
    f.commit();
    CHECK(again.take() == Lines{"CONNACK 0"});
}

TEST_CASE("a lasting session, its subscriptions and its queue survive a crash", "[mqtt][durable]") {
    BrokerFixture f;
    f.client("sub").connect(kLasting).subscribe("a/+", 1).subscribe("$share/g/s", 1).disconnect();
    Client& pub = f.client("pub").connect();
    PropertyList p;
    p.add_user("k", "v");
    pub.publish("a/1", "one", 1, 1).publish("a/2", "two", 2, 2, false, p.view());
    pub.publish("s", "shared", 1, 3);
    f.crash();
    CHECK(f.broker->subscription_count() == 2);
    CHECK(f.client("sub").connect(kLasting).take() == Lines{"CONNACK 0 present",
                                                            "PUBLISH a/1 qos1 id1: one",
                                                            "PUBLISH a/2 qos1 id2 k=v: two",
                                                            "PUBLISH s qos1 id3: shared"});
}

TEST_CASE("[MQTT-4.4.0-1] what was in flight is sent again with its packet id", "[mqtt][durable]") {
    BrokerFixture f;
    Client& sub = f.client("sub").connect(kLasting);
    sub.subscribe("one", 1).subscribe("two", 2);
    Client& pub = f.client("pub").connect();
    pub.publish("one", "a", 1, 1).publish("two", "b", 2, 2).publish("two", "c", 2, 3);
    pub.publish("one", "d", 1, 4);
    sub.answer(PacketType::puback, 1).answer(PacketType::pubrec, 2);
    f.crash();
    Client& again = f.client("sub").connect(kLasting);
    CHECK(again.take() == Lines{"CONNACK 0 present",
                                "PUBREL 2",
                                "PUBLISH two qos2 id3 dup: c",
                                "PUBLISH one qos1 id4 dup: d"});
    again.answer(PacketType::pubcomp, 2).answer(PacketType::pubrec, 3);
    CHECK(again.take() == Lines{"PUBREL 3"});
    again.answer(PacketType::pubcomp, 3).answer(PacketType::puback, 4);
    CHECK(f.log.rows(kQueueTable).empty());
    CHECK(f.log.rows(kMessageTable).empty());
    // A new message does not take an id that is in use.
    f.client("pub").connect().publish("one", "e", 1, 1);
    CHECK(again.take().size() == 1);
}

TEST_CASE("a received QoS 2 packet id survives a crash: its repetition is no second message",
          "[mqtt][durable]") {
    BrokerFixture f;
    f.client("pub").connect(kLasting).publish("t", "x", 2, 7);
    f.crash();
    Client& sub = f.client("sub").connect();
    sub.subscribe("t", 0).take();
    Client& pub = f.client("pub").connect(kLasting);
    pub.take();
    const Publish again{.dup = true,
                        .qos = Qos::exactly_once,
                        .topic = "t",
                        .packet_id = 7,
                        .payload = bytes_of("x")};
    CHECK(pub.send(again).take() == Lines{"PUBREC 7"});
    CHECK(sub.take().empty());
}

TEST_CASE("retained messages survive a crash, and so does their removal", "[mqtt][durable]") {
    BrokerFixture f;
    Client& pub = f.client("pub").connect();
    pub.publish("a", "1", 1, 1, true).publish("b", "2", 1, 2, true).publish("a", "", 1, 3, true);
    f.crash();
    Client& sub = f.client("sub").connect();
    sub.take();
    CHECK(sub.subscribe("#", 0).take() == Lines{"SUBACK 9 0x00", "PUBLISH b retain: 2"});
}

TEST_CASE("a will is published after a crash, of lasting and of passing sessions",
          "[mqtt][durable]") {
    BrokerFixture f;
    f.client("sub").connect(kLasting).subscribe("will/+", 1);
    const WillFields a{.topic = "will/a", .payload = bytes_of("a"), .qos = Qos::at_least_once};
    const WillFields b{.topic = "will/b", .payload = bytes_of("b"), .qos = Qos::at_least_once};
    f.client("a").connect({.will = a});
    f.client("b").connect({.session_expiry_s = 50, .will = b});
    f.crash();
    const Lines lines = f.client("sub").connect(kLasting).take();
    CHECK(std::set<std::string>(lines.begin(), lines.end()).size() == 3);
    CHECK(f.broker->stats().wills_published == 2);
    CHECK(f.log.rows(kWillTable).empty());
    CHECK(f.broker->session_count() == 2);  // sub and b
}

TEST_CASE("a message in several queues is stored once and erased with the last",
          "[mqtt][durable]") {
    BrokerFixture f;
    for (const char* id : {"a", "b", "c"}) {
        f.client(id).connect(kLasting).subscribe("t", 1).disconnect();
    }
    f.client("pub").connect().publish("t", "x", 1, 1, true);
    CHECK(f.log.rows(kQueueTable).size() == 3);
    CHECK(f.log.rows(kMessageTable).size() == 1);
    f.crash();
    for (const char* id : {"a", "b"}) {
        f.client(id).connect(kLasting).answer(PacketType::puback, 1).disconnect();
    }
    CHECK(f.log.rows(kMessageTable).size() == 1);
    f.client("c").connect({.clean_start = true});
    CHECK(f.log.rows(kMessageTable).empty());
    // The retained message is its own, and can be queued again.
    f.client("d").connect(kLasting).subscribe("t", 1).disconnect();
    f.crash();
    CHECK(f.client("d").connect(kLasting).take().back() == "PUBLISH t qos1 id1 dup retain: x");
}

TEST_CASE("the end of a session takes its rows with it", "[mqtt][durable]") {
    BrokerFixture f;
    f.client("a").connect(kLasting).subscribe("t", 2).publish("t", "x", 2, 1).disconnect();
    f.advance(1'000s);
    for (const TableSpec& table : kTables) {
        INFO(table.name);
        CHECK(f.log.rows(table).empty());
    }
}

TEST_CASE("a damaged row costs its own content and never the start", "[mqtt][durable]") {
    BrokerFixture f;
    f.client("sub").connect(kLasting).subscribe("t", 1).disconnect();
    Client& pub = f.client("pub").connect();
    pub.publish("t", "lost", 1, 1).publish("t", "kept", 1, 2).publish("r", "x", 0, 0, true);
    {
        // What a bad disk may leave: a message that is gone, rows that are noise.
        auto damage = f.store->begin(0);
        const Bytes message = f.log.rows(kMessageTable).begin()->first;
        damage.erase(kMessageTable, message);
        const Bytes key = {0, 0, 0xff, 0xff, 1};
        const Bytes noise = {0xff, 0xff, 0xff};
        for (const TableSpec& table : kTables) damage.put(table, key, noise);
        damage.commit();
        f.turn();
    }
    f.crash();
    CHECK(f.broker->stats().corrupt_rows >= 4);
    const Lines lines = f.client("sub").connect(kLasting).take();
    REQUIRE(lines.size() == 2);
    CHECK(lines[1].starts_with("PUBLISH t qos1 id1: "));
}

TEST_CASE("no acknowledged QoS 1 message for a lasting session is lost, whenever the crash comes",
          "[mqtt][durable][crash]") {
    for (unsigned seed = 1; seed <= 30; ++seed) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        SteppedFixture f;
        f.in("sub", kLasting).subscribe("t", 1);
        f.commit();
        std::set<std::string> acknowledged;
        std::set<std::string> delivered;
        int next = 0;
        for (int life = 0; life < 5; ++life) {
            Client& pub = f.in("pub");
            const bool listening = random() % 2 == 0;
            Client* sub = listening ? &f.in("sub", kLasting) : nullptr;
            std::map<int, std::string> open;
            const auto read = [&] {
                for (const std::string& line : pub.take()) {
                    const auto at = open.find(std::stoi(line.substr(line.find(' ') + 1)));
                    REQUIRE(at != open.end());
                    acknowledged.insert(at->second);
                }
                if (sub == nullptr) return;
                for (const std::string& line : sub->take()) {
                    delivered.insert(line.substr(line.find(": ") + 2));
                    const int id = std::stoi(line.substr(line.find("id") + 2));
                    if (random() % 2 == 0) {
                        sub->answer(PacketType::puback, static_cast<PacketId>(id));
                    }
                }
            };
            for (int i = 1; i <= 40; ++i) {
                open[i] = std::to_string(next++);
                pub.publish("t", open[i], 1, static_cast<PacketId>(i));
                if (random() % 4 == 0 && f.log.in_flight()) f.log.step();
                if (random() % 4 == 0) f.turn();
                read();
            }
            f.crash(random() % 2 == 0 ? MemoryLog::Crash::before_commit
                                      : MemoryLog::Crash::after_commit);
        }
        Client& sub = f.client("sub").connect(kLasting);
        f.commit();
        Lines lines = sub.take();
        for (std::size_t i = 1; i < lines.size(); ++i) {
            delivered.insert(lines[i].substr(lines[i].find(": ") + 2));
        }
        CHECK_FALSE(acknowledged.empty());
        for (const std::string& text : acknowledged) CHECK(delivered.contains(text));
    }
}
