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
    const auto back = [&](const ConnectOptions& options) -> Client& {
        f.advance(std::chrono::seconds(1));
        return f.client("a").connect(options);
    };
    const ConnectOptions five{.clean_start = false, .session_expiry_s = 900'000};
    back(old).vanish();
    CHECK(back(old).take() == Lines{"CONNACK 0 present"});
    back(five).vanish();
    CHECK(back(five).take() == Lines{"CONNACK 0 present expiry=604800 keep_alive=1200"});
    CHECK(back(old).take() == Lines{"CONNACK 0"});
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

TEST_CASE("strict: one CONNECT a second of a client id", "[mqtt][strict]") {
    World f;
    const ConnectOptions old{.version = Version::v3_1_1};
    f.here("a");
    CHECK(f.client("a").connect().take() == Lines{"CONNACK 151"});
    CHECK(f.client("a").connect(old).take() == Lines{"CONNACK 3"});
    f.here("b");
    CHECK(f.broker->stats().over_rate == 2);
    f.advance(std::chrono::seconds(1));
    CHECK(f.client("a").connect(old).take() == Lines{"CONNACK 0"});

    BrokerFixture standard;
    standard.client("a").connect();
    CHECK(standard.client("a").connect().take() == Lines{"CONNACK 0"});
}

TEST_CASE("strict: who is refused for another reason does not hold up who has the client id",
          "[mqtt][strict]") {
    World f;
    CHECK(f.client("a").connect({.user_name = "wrong"}).take() == Lines{"CONNACK 134"});
    CHECK(f.client("a").connect({.keep_alive_s = 60}).take() == Lines{"CONNACK 0"});
}

TEST_CASE("strict: a shared subscription has 100 members, and there are 100", "[mqtt][strict]") {
    World f;
    std::vector<Client*> members;
    const Lines granted{"SUBACK 9 0x01"};
    const Lines quota_exceeded{"SUBACK 9 0x97"};
    for (int i = 0; i < 100; ++i) {
        members.push_back(&f.here("m" + std::to_string(i)));
        CHECK(members.back()->subscribe("$share/g/t", 1).take() == granted);
    }
    Client& late = f.here("late");
    CHECK(late.subscribe("$share/g/t", 1).take() == quota_exceeded);
    CHECK(members[7]->subscribe("$share/g/t", 1).take() == granted);
    members[7]->vanish();
    CHECK(late.subscribe("$share/g/t", 1).take() == granted);

    for (int i = 1; i < 100; ++i) {
        const std::string share = "$share/g" + std::to_string(i) + "/t";
        CHECK(members[20 + static_cast<std::size_t>(i) / 20]->subscribe(share, 1).take() ==
              granted);
    }
    CHECK(late.subscribe("$share/more/t", 1).take() == quota_exceeded);
    members[20]->unsubscribe("$share/g1/t").take();
    CHECK(late.subscribe("$share/more/t", 1).take() == granted);
}

TEST_CASE("strict: the name of a shared subscription has 128 characters", "[mqtt][strict]") {
    World f;
    Client& c = f.here("a");
    CHECK(c.subscribe("$share/" + std::string(128, 'n') + "/t", 1).take() ==
          Lines{"SUBACK 9 0x01"});
    CHECK(c.subscribe("$share/" + std::string(129, 'n') + "/t", 1).take() ==
          Lines{"SUBACK 9 0x8f"});
}

TEST_CASE("strict: fifty subscriptions a connection, and each may be made again",
          "[mqtt][strict]") {
    World f;
    Client& c = f.here("a");
    for (int i = 0; i < 50; ++i) c.subscribe("t/" + std::to_string(i), 0);
    c.take();
    CHECK(c.subscribe("t/7", 1).take() == Lines{"SUBACK 9 0x01"});
}

TEST_CASE("strict: content type 256 bytes, correlation data and user properties 8 KB",
          "[mqtt][strict]") {
    using Id = PropertyId;
    const std::string eight_kb(8192, 'x');
    struct Case {
        std::string what;
        PropertyList fits;
        PropertyList over;
    };
    Case cases[4];
    cases[0].what = "content type";
    cases[0].fits.add<Id::content_type>(std::string(256, 'x'));
    cases[0].over.add<Id::content_type>(std::string(257, 'x'));
    cases[1].what = "correlation data";
    cases[1].fits.add<Id::correlation_data>(bytes_of(eight_kb));
    cases[1].over.add<Id::correlation_data>(bytes_of(eight_kb + "x"));
    cases[2].what = "one user property";
    cases[2].fits.add_user("k", std::string(8191, 'x'));
    cases[2].over.add_user("k", eight_kb);
    cases[3].what = "user properties together";
    cases[3].fits.add_user("key1", std::string(4092, 'x')).add_user("key2", std::string(4092, 'x'));
    cases[3].over.add_user("key1", std::string(4092, 'x')).add_user("key2", std::string(4093, 'x'));
    World f;
    BrokerFixture standard;
    Client& c = f.here("a");
    Client& free = standard.client("a").connect();
    free.take();
    for (const Case& one : cases) {
        INFO(one.what);
        CHECK(c.publish("t", "", 1, 1, false, one.fits.view()).take() ==
              Lines{"PUBACK 1 no matching subscribers"});
        CHECK(c.publish("t", "", 1, 2, false, one.over.view()).take() ==
              Lines{"PUBACK 2 quota exceeded"});
        CHECK(free.publish("t", "", 1, 2, false, one.over.view()).take() ==
              Lines{"PUBACK 2 no matching subscribers"});
    }
    PropertyList reply;
    reply.add<Id::response_topic>(std::string(257, 'x'));
    CHECK(c.publish("t", "", 1, 3, false, reply.view()).take() ==
          Lines{"PUBACK 3 topic name invalid"});
    CHECK(c.publish("t", "", 0, 0, false, cases[0].over.view()).take() ==
          Lines{"DISCONNECT quota exceeded"});
}

TEST_CASE("strict: a will is a message like others", "[mqtt][strict]") {
    World f;
    PropertyList over;
    over.add<PropertyId::content_type>(std::string(257, 'x'));
    CHECK(f.client("a").connect({.will = WillFields{.topic = std::string(257, 't')}}).take() ==
          Lines{"CONNACK 144"});
    CHECK(f.client("b")
              .connect({.will = WillFields{.topic = "t", .properties = over.view()}})
              .take() == Lines{"CONNACK 151"});
    CHECK(f.client("c")
              .connect(
                  {.keep_alive_s = 60, .will = WillFields{.topic = "$aws/rules/r/1/2/3/4/5/6/7/8"}})
              .take() == Lines{"CONNACK 0"});
}

TEST_CASE("strict: what waited for a client is replayed at ten messages a second",
          "[mqtt][strict]") {
    World f;
    const ConnectOptions lasting{.clean_start = false, .session_expiry_s = 600, .keep_alive_s = 60};
    f.client("sub").connect(lasting).subscribe("t", 1).vanish();
    Client& p = f.here("pub");
    for (PacketId i = 1; i <= 25; ++i) p.publish("t", std::to_string(i), 1, i);
    f.advance(std::chrono::seconds(1));

    Client& sub = f.client("sub").connect(lasting);
    CHECK(sub.take().size() == 1 + 10);
    for (PacketId i = 1; i <= 10; ++i) sub.answer(PacketType::puback, i);
    CHECK(sub.take().empty());
    p.publish("t", "new", 1, 26);
    f.advance(std::chrono::milliseconds(999));
    CHECK(sub.take().empty());
    f.advance(std::chrono::milliseconds(1));
    CHECK(sub.take().size() == 10);
    // The rest of the stored ones, and what came since is not paced.
    for (PacketId i = 27; i <= 46; ++i) p.publish("t", "new", 1, i);
    f.advance(std::chrono::seconds(1));
    CHECK(sub.take().size() == 5 + 1 + 20);
}

TEST_CASE("without strict what waited comes as fast as the client takes it", "[mqtt][strict]") {
    BrokerFixture f;
    const ConnectOptions lasting{.clean_start = false, .session_expiry_s = 600};
    f.client("sub").connect(lasting).subscribe("t", 1).vanish();
    Client& p = f.client("pub").connect();
    for (PacketId i = 1; i <= 25; ++i) p.publish("t", "x", 1, i);
    CHECK(f.client("sub").connect(lasting).take().size() == 1 + 25);
}

TEST_CASE("strict: a client that leaves while it is replayed gets the rest at its next return",
          "[mqtt][strict]") {
    World f;
    const ConnectOptions lasting{.clean_start = false, .session_expiry_s = 600};
    f.client("sub").connect(lasting).subscribe("t", 1).vanish();
    Client& p = f.here("pub");
    for (PacketId i = 1; i <= 15; ++i) p.publish("t", "x", 1, i);
    f.advance(std::chrono::seconds(1));
    Client& first = f.client("sub").connect(lasting);
    CHECK(first.take().size() == 1 + 10);
    for (PacketId i = 1; i <= 10; ++i) first.answer(PacketType::puback, i);
    first.vanish();
    f.advance(std::chrono::seconds(1));
    CHECK(f.client("sub").connect(lasting).take().size() == 1 + 5);
}

TEST_CASE("strict: a topic is retained once a second, and '$' topics never", "[mqtt][strict]") {
    World f;
    Client& c = f.here("a");
    c.publish("t", "1", 1, 1, true).take();
    CHECK(c.publish("t", "2", 1, 2, true).take() == Lines{"PUBACK 2 quota exceeded"});
    CHECK(c.publish("t", "3", 1, 3).take() == Lines{"PUBACK 3 no matching subscribers"});
    CHECK(c.publish("u", "1", 1, 4, true).take() == Lines{"PUBACK 4 no matching subscribers"});
    f.advance(std::chrono::seconds(1));
    CHECK(c.publish("t", "4", 1, 5, true).take() == Lines{"PUBACK 5 no matching subscribers"});
    c.publish("$aws/things/a/shadow/get", "", 1, 6).take();
    c.publish("$aws/things/a/shadow/update", "x", 1, 7, true).take();
    CHECK(f.broker->retained().size() == 2);
    CHECK(strict_limits({}).max_retained_messages == 500'000);
}

TEST_CASE("strict: 512 KB a second of one connection", "[mqtt][strict]") {
    World f;
    Client& c = f.here("a");
    const std::string large(131'000, 'x');
    for (PacketId i = 1; i <= 4; ++i) c.publish("t", large, 1, i);
    CHECK(c.take().back() == "PUBACK 4 no matching subscribers");
    CHECK(c.publish("t", large, 1, 5).take() == Lines{"PUBACK 5 quota exceeded"});
}

TEST_CASE("strict: 20,000 publishes a second of all connections", "[mqtt][strict]") {
    World f;
    for (int i = 0; i < 200; ++i) {
        Client& c = f.here("p" + std::to_string(i));
        for (int n = 0; n < 100; ++n) c.publish("t", "x");
    }
    CHECK(f.broker->stats().over_rate == 0);
    CHECK(f.here("one more").publish("t", "x", 1, 1).take() == Lines{"PUBACK 1 quota exceeded"});
}

TEST_CASE("strict: a WebSocket ends after a day", "[mqtt][strict]") {
    World f;
    BrokerFixture standard;
    Client& c = f.websocket("a").connect({.keep_alive_s = 1200});
    Client& tcp = f.client("b").connect({.keep_alive_s = 1200});
    Client& free = standard.websocket("a").connect();
    const auto pass = [&](Duration time) {
        f.advance(time);
        standard.advance(time);
        for (Client* each : {&c, &tcp}) {
            if (!each->ended()) each->send(Pingreq{});
        }
    };
    for (int i = 0; i < 71; ++i) pass(std::chrono::minutes(20));
    c.take();
    tcp.take();
    CHECK(!c.ended());
    f.advance(std::chrono::minutes(20));
    CHECK(c.take() == Lines{"DISCONNECT maximum connect time"});
    CHECK(!tcp.ended());
    standard.advance(std::chrono::hours(2));
    CHECK(!free.ended());
}
