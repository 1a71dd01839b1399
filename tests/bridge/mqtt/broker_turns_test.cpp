// Work that comes by the thousand goes in steps: of each turn only so much, and nobody is served
// wrongly in between.
#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t kSteps = 200;
const ConnectOptions kLasting{.clean_start = false, .session_expiry_s = 1000};

std::size_t row_count(BrokerFixture& f) {
    std::size_t rows = 0;
    for (const TableSpec& table : kTables) rows += f.log.rows(table).size();
    return rows;
}

class TurnsFixture : public BrokerFixture {
  public:
    TurnsFixture() : BrokerFixture({.steps_per_turn = kSteps}) {}

    // Messages for a client that is away.
    void fill_queue(const std::string& client_id, std::size_t messages) {
        client(client_id).connect(kLasting).subscribe("t", 1).vanish();
        for (std::size_t i = 0; i < messages; ++i) publish("t", std::to_string(i));
        turn();
    }
    void publish(std::string_view topic,
                 std::string_view payload,
                 std::optional<std::uint32_t> expiry_s = {}) {
        broker->publish({.topic = topic,
                         .payload = bytes_of(payload),
                         .qos = Qos::at_least_once,
                         .expiry_s = expiry_s},
                        now);
    }
    // One turn: its time, and the commit of what it changed.
    void next_turn() {
        now += 1ms;
        broker->on_time(now);
        turn();
    }
};

}  // namespace

TEST_CASE("a session with a long queue ends in steps, and others are served in between",
          "[mqtt][turns]") {
    TurnsFixture f;
    f.fill_queue("a", 2'000);
    REQUIRE(row_count(f) == 4'002);
    f.advance(1'000s);
    CHECK(f.broker->session_count() == 0);
    CHECK(row_count(f) > 3'500);
    Client& other = f.client("other").connect();
    other.subscribe("t", 1).take();
    int turns = 0;
    while (f.broker->has_more_to_do()) {
        const std::size_t before = row_count(f);
        f.publish("t", "x");
        CHECK(other.take().size() == 1);
        other.answer(PacketType::puback, static_cast<PacketId>(++turns));
        f.next_turn();
        CHECK(row_count(f) <= before);
        CHECK(before - row_count(f) <= 2 * kSteps);  // a row and its message
    }
    CHECK(turns >= 10);
    CHECK(row_count(f) == 0);
}

TEST_CASE("who comes while the old session of its client id is being erased waits for the end",
          "[mqtt][turns]") {
    TurnsFixture f;
    f.fill_queue("a", 1'000);
    Client& first = f.client("a").connect({.session_expiry_s = 50});  // clean start
    CHECK(first.take().empty());
    Client& gone = f.client("a").connect(kLasting);
    gone.vanish();
    Client& second = f.client("a").connect(kLasting);
    f.publish("t", "to nobody");
    while (f.broker->has_more_to_do()) f.next_turn();
    CHECK(first.take().empty());  // taken over before its session was on the disk
    CHECK(first.ended());
    CHECK(second.take() == Lines{"CONNACK 0 present"});
    second.subscribe("t", 1).take();
    f.publish("t", "new");
    CHECK(second.take() == Lines{"PUBLISH t qos1 id1: new"});
}

TEST_CASE("what a crash leaves of a session that had ended reaches no new one and is erased",
          "[mqtt][turns][durable]") {
    TurnsFixture f;
    f.fill_queue("a", 1'000);
    f.client("a").connect();  // a clean start: the old session begins to go
    f.next_turn();
    f.next_turn();
    f.crash();
    REQUIRE(row_count(f) > 1'000);
    CHECK(f.broker->stats().corrupt_rows == 0);
    Client& a = f.client("a").connect(kLasting);
    f.publish("t", "x");
    while (f.broker->has_more_to_do()) f.next_turn();
    CHECK(a.take() == Lines{"CONNACK 0"});
    CHECK(row_count(f) == 1);  // the new session
    f.crash();
    CHECK(f.client("a").connect(kLasting).take() == Lines{"CONNACK 0 present"});
}

TEST_CASE("a session with ten thousand subscriptions ends in steps, and gets nothing meanwhile",
          "[mqtt][turns]") {
    TurnsFixture f;
    Client& a = f.client("a").connect(kLasting);
    for (int i = 0; i < 2'000; ++i) a.subscribe("s/" + std::to_string(i), 1);
    a.subscribe("$share/g/t", 1).vanish();
    Client& b = f.client("b").connect(kLasting);
    b.subscribe("$share/g/t", 1).vanish();
    f.advance(500s);
    f.client("b").connect(kLasting).vanish();  // b's time begins anew
    f.advance(500s);
    REQUIRE(f.broker->session_count() == 1);
    REQUIRE(f.broker->has_more_to_do());
    for (int i = 0; i < 4; ++i) f.publish("t", std::to_string(i));
    f.publish("s/0", "to nobody");
    while (f.broker->has_more_to_do()) f.next_turn();
    CHECK(f.client("b").connect(kLasting).take().size() == 5);
    CHECK(f.broker->subscription_count() == 1);
}

TEST_CASE("ten thousand sessions that expire at one instant go in several turns", "[mqtt][turns]") {
    TurnsFixture f;
    for (int i = 0; i < 1'000; ++i) {
        f.client("c" + std::to_string(i)).connect(kLasting).subscribe("t", 1).vanish();
    }
    f.now += 1'000s;
    std::size_t left = f.broker->session_count();
    int turns = 0;
    while (f.broker->session_count() > 0) {
        f.next_turn();
        CHECK(left - f.broker->session_count() <= kSteps);
        left = f.broker->session_count();
        ++turns;
    }
    CHECK(turns >= 10);
    CHECK(f.broker->stats().sessions_expired == 1'000);
    CHECK(f.broker->subscription_count() == 0);
}

TEST_CASE("a session that expires late is gone all the same for who comes", "[mqtt][turns]") {
    TurnsFixture f;
    f.client("a").connect(kLasting).subscribe("t", 1).vanish();
    f.now += 1'000s;  // and on_time has not been called
    CHECK(f.client("a").connect(kLasting).take() == Lines{"CONNACK 0"});
}

TEST_CASE("a long queue whose messages have all expired is dropped in steps", "[mqtt][turns]") {
    TurnsFixture f;
    f.client("a").connect(kLasting).subscribe("t", 1).vanish();
    for (int i = 0; i < 2'000; ++i) f.publish("t", "x", 10);
    f.publish("t", "lasts");
    f.turn();
    f.now += 20s;
    Client& a = f.client("a").connect(kLasting);
    CHECK(a.take() == Lines{"CONNACK 0 present"});
    std::size_t dropped = f.broker->stats().dropped_expired;
    CHECK(dropped <= kSteps);
    while (f.broker->has_more_to_do()) {
        f.next_turn();
        CHECK(f.broker->stats().dropped_expired - dropped <= kSteps);
        dropped = f.broker->stats().dropped_expired;
    }
    CHECK(dropped == 2'000);
    CHECK(a.take() == Lines{"PUBLISH t qos1 id1: lasts"});
}

TEST_CASE("who comes back to a long queue gets it in order, and no turn reads much of it",
          "[mqtt][turns]") {
    TurnsFixture f;
    f.fill_queue("a", 3'000);
    f.now += 1ms;
    Client& a = f.client("a").connect(kLasting);
    CHECK(a.take().size() <= 1 + kSteps);
    for (int i = 0; i < 20; ++i) f.next_turn();
    CHECK(a.take().size() > 500);  // the window is what bounds it then
    for (unsigned id = 1; id <= 3'000; ++id) {
        a.answer(PacketType::puback, static_cast<PacketId>(id));
        if (id % 50 == 0) f.next_turn();
    }
    while (f.broker->has_more_to_do()) f.next_turn();
    const Lines rest = a.take();
    CHECK(rest.back() == "PUBLISH t qos1 id3000: 2999");
    CHECK(f.log.rows(kQueueTable).empty());
}

TEST_CASE("retained messages of ten thousand filters at once go in steps", "[mqtt][turns]") {
    TurnsFixture f;
    for (int i = 0; i < 1'000; ++i) {
        f.broker->publish(
            {.topic = "r/" + std::to_string(i), .payload = bytes_of("x"), .retain = true}, f.now);
    }
    std::vector<std::string> filters;
    for (int i = 0; i < 1'000; ++i) filters.push_back("r/" + std::to_string(i));
    Subscribe packet{.packet_id = 1};
    for (const std::string& filter : filters) packet.entries.push_back({filter, {}});
    f.now += 1ms;
    Client& a = f.client("a").connect().send(packet);
    std::size_t got = a.take().size() - 2;  // CONNACK and SUBACK
    CHECK(got <= kSteps);
    while (f.broker->has_more_to_do()) {
        f.next_turn();
        const std::size_t more = a.take().size();
        CHECK(more <= kSteps);
        got += more;
    }
    CHECK(got == 1'000);
}

TEST_CASE("of a SUBSCRIBE that repeats one filter without end ten thousand are looked at",
          "[mqtt][turns]") {
    BrokerFixture f;
    Client& a = f.client("a").connect();
    a.take();
    Subscribe packet{.packet_id = 1};
    packet.entries.assign(10'001, {"t", {}});
    const std::string suback = a.send(packet).take().at(0);
    CHECK(suback.starts_with("SUBACK 1 0x00 0x00"));
    CHECK(suback.ends_with("0x00 0x00 0x97"));
}
