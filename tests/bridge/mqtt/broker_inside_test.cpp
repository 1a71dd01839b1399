// What the server itself publishes, observes and subscribes to.
#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;

TEST_CASE("what is published from inside reaches clients with its properties", "[mqtt][broker]") {
    BrokerFixture f;
    Client& sub = in(f, "sub");
    sub.subscribe("application/+/device/+/event/up", 1).take();
    const UserProperty properties[] = {{"source", "lns"}};
    f.broker->publish({.topic = "application/a/device/1/event/up",
                       .payload = bytes_of("{}"),
                       .user_properties = properties,
                       .content_type = "application/json"},
                      f.now);
    CHECK(sub.take() ==
          Lines{"PUBLISH application/a/device/1/event/up type=application/json source=lns: {}"});
    CHECK(f.broker->publish({.topic = "a/+"}, f.now) == 0);
    CHECK(sub.take().empty());
}

TEST_CASE("observers and internal subscribers see messages with who sent them", "[mqtt][broker]") {
    BrokerFixture f;
    Lines seen;
    f.broker->on_publish([&](const PublishedMessage& m, Instant) {
        seen.push_back("all " + std::string(m.topic) + " " + std::string(m.client_id) + " " +
                       (m.identity ? m.identity->name() : ""));
    });
    const auto id = f.broker->subscribe_internal(
        "application/+/device/+/command/down", [&](const PublishedMessage& m, Instant) {
            seen.push_back("down " + std::string(text_of(m.payload)));
        });
    Client& pub = in(f, "pub", {.user_name = "ann"});
    pub.publish("application/a/device/1/command/down", "x").publish("t", "y");
    CHECK(seen ==
          Lines{"all application/a/device/1/command/down pub ann", "down x", "all t pub ann"});
    f.broker->unsubscribe_internal(id);
    pub.publish("application/a/device/1/command/down", "x");
    CHECK(seen.size() == 4);
    CHECK_THROWS_AS(f.broker->subscribe_internal("a/#/b", {}), std::invalid_argument);
}

TEST_CASE("a message published by a callback is routed behind the one that caused it",
          "[mqtt][broker]") {
    BrokerFixture f({.max_deferred_publishes = 2});
    Client& sub = in(f, "sub");
    sub.subscribe("#", 0).take();
    f.broker->subscribe_internal("in", [&](const PublishedMessage& m, Instant now) {
        for (int i = 0; i < 3; ++i) {
            f.broker->publish({.topic = "out", .payload = m.payload, .depth = 1}, now);
        }
    });
    in(f, "pub").publish("in", "x");
    CHECK(sub.take() == Lines{"PUBLISH in: x", "PUBLISH out: x", "PUBLISH out: x"});
    CHECK(f.broker->stats().dropped_deferred_full == 1);
}

TEST_CASE("a callback may end the publisher's connection", "[mqtt][broker]") {
    BrokerFixture f;
    f.broker->on_publish([&](const PublishedMessage& m, Instant now) {
        f.broker->kick(m.client_id, ReasonCode::administrative_action, now);
    });
    Client& pub = in(f, "pub");
    CHECK(pub.publish("t", "x", 1, 1).take() == Lines{"DISCONNECT administrative action"});
    CHECK(f.broker->session_count() == 0);
}
