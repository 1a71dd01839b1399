#include "tests/bridge/mqtt/support/broker_fixture.h"
#include "tests/support/catch.h"

#include <algorithm>

using namespace helio;
using namespace helio::bridge::mqtt;
using namespace helio::bridge::mqtt::testing;
using namespace std::chrono_literals;

namespace {

const ConnectOptions kLasting{.clean_start = false, .session_expiry_s = 100};

ConnectOptions with_will(std::uint32_t delay_s,
                         std::uint32_t session_expiry_s,
                         PropertyList& properties) {
    if (delay_s != 0) properties.add<PropertyId::will_delay_interval>(delay_s);
    return {.clean_start = false,
            .session_expiry_s = session_expiry_s,
            .keep_alive_s = 10,
            .will = WillFields{.topic = "will",
                               .payload = bytes_of("gone"),
                               .qos = Qos::at_least_once,
                               .properties = properties.view()}};
}

}  // namespace

TEST_CASE("a retained message goes to a later subscriber with the retain flag",
          "[mqtt][retained]") {
    BrokerFixture f;
    in(f, "pub").publish("a/b", "x", 1, 1, true);
    CHECK(in(f, "one").subscribe("a/b", 0).take() ==
          Lines{"SUBACK 9 0x00", "PUBLISH a/b retain: x"});
    CHECK(in(f, "two").subscribe("a/+", 1).take() ==
          Lines{"SUBACK 9 0x01", "PUBLISH a/b qos1 id1 retain: x"});
    CHECK(in(f, "three").subscribe("a/b/#", 0).take().size() == 2);
    CHECK(in(f, "four").subscribe("+", 0).take() == Lines{"SUBACK 9 0x00"});
}

TEST_CASE("a live message has the retain flag only for who asked to have it as published",
          "[mqtt][retained]") {
    BrokerFixture f;
    Client& plain = in(f, "plain");
    Client& kept = in(f, "kept");
    plain.subscribe("t", 0).take();
    kept.subscribe("t", {.retain_as_published = true}).take();
    in(f, "pub").publish("t", "x", 0, 0, true);
    CHECK(plain.take() == Lines{"PUBLISH t: x"});
    CHECK(kept.take() == Lines{"PUBLISH t retain: x"});
}

TEST_CASE("an empty retained payload removes the message and is itself delivered",
          "[mqtt][retained]") {
    BrokerFixture f;
    Client& sub = in(f, "sub");
    Client& pub = in(f, "pub");
    pub.publish("t", "x", 0, 0, true);
    sub.subscribe("t", 0).take();
    pub.publish("t", "", 0, 0, true);
    CHECK(sub.take() == Lines{"PUBLISH t: "});
    CHECK(f.broker->retained().size() == 0);
    CHECK(f.log.rows(kRetainedTable).empty());
    CHECK(in(f, "late").subscribe("t", 0).take() == Lines{"SUBACK 9 0x00"});
}

TEST_CASE("retain handling: always, only for a new subscription, never", "[mqtt][retained]") {
    BrokerFixture f;
    in(f, "pub").publish("t", "x", 0, 0, true);
    Client& sub = in(f, "sub");
    const auto count = [&](RetainHandling handling) {
        return sub.subscribe("t", {.retain_handling = handling}).take().size() - 1;
    };
    CHECK(count(RetainHandling::do_not_send) == 0);
    CHECK(count(RetainHandling::send_if_new) == 0);  // it exists by now
    CHECK(count(RetainHandling::send) == 1);
    sub.unsubscribe("t").take();
    CHECK(count(RetainHandling::send_if_new) == 1);
    CHECK(sub.subscribe("$share/g/t", 0).take().size() == 1);  // §4.8.2: none to shared ones
}

TEST_CASE("an expired retained message is not sent", "[mqtt][retained]") {
    BrokerFixture f;
    PropertyList p;
    p.add<PropertyId::message_expiry_interval>(10);
    in(f, "pub").publish("t", "x", 0, 0, true, p.view());
    f.advance(4s);
    CHECK(in(f, "a").subscribe("t", 0).take() ==
          Lines{"SUBACK 9 0x00", "PUBLISH t retain expiry6: x"});
    f.advance(6s);
    CHECK(in(f, "b").subscribe("t", 0).take() == Lines{"SUBACK 9 0x00"});
    CHECK(f.broker->retained().size() == 0);
    CHECK(f.log.rows(kRetainedTable).empty());
}

TEST_CASE("a retained message that expired while the server was away is gone", "[mqtt][retained]") {
    BrokerFixture f;
    PropertyList p;
    p.add<PropertyId::message_expiry_interval>(10);
    in(f, "pub").publish("t", "x", 0, 0, true, p.view());
    f.now += 11s;
    f.crash();
    CHECK(f.broker->retained().size() == 0);
    CHECK(f.log.rows(kRetainedTable).empty());
}

TEST_CASE("retained messages that a lasting session has not been sent yet come when it is back",
          "[mqtt][retained]") {
    BrokerFixture f;
    for (int i = 0; i < 20; ++i) {
        f.broker->publish({.topic = "r/" + std::to_string(i),
                           .payload = bytes_of("x"),
                           .qos = Qos::at_least_once,
                           .retain = true},
                          f.now);
    }
    const ConnectOptions narrow{
        .clean_start = false, .session_expiry_s = 100, .receive_maximum = 2};
    Client& sub = in(f, "sub", narrow);
    const std::size_t first = sub.subscribe("r/#", 1).take().size() - 1;
    CHECK(first == 2);
    sub.vanish();
    Client& again = f.client("sub");
    again.connect(narrow);
    std::set<std::string> topics;
    for (int round = 0; round < 30; ++round) {
        for (const std::string& line : again.take()) {
            if (!line.starts_with("PUBLISH")) continue;
            topics.insert(line.substr(8, line.find(' ', 8) - 8));
            const std::size_t id = line.find(" id") + 3;
            again.answer(PacketType::puback, static_cast<PacketId>(std::stoi(line.substr(id))));
        }
    }
    CHECK(topics.size() == 20);
}

TEST_CASE("retained messages are bounded in number and bytes", "[mqtt][retained]") {
    BrokerFixture f({.max_retained_messages = 2, .max_retained_bytes = 100});
    Client& pub = in(f, "pub");
    for (const char* topic : {"a", "b", "c"}) pub.publish(topic, "x", 0, 0, true);
    CHECK(f.broker->retained().size() == 2);
    pub.publish("a", std::string(200, 'x'), 0, 0, true);
    CHECK(f.broker->stats().dropped_retained_full == 2);
    CHECK(in(f, "sub").subscribe("a", 0).take().back() == "PUBLISH a retain: x");
    pub.publish("a", "", 0, 0, true).publish("c", "x", 0, 0, true);
    CHECK(f.broker->retained().size() == 2);
}

TEST_CASE("thousands of retained messages are paged, none is left out", "[mqtt][retained]") {
    BrokerFixture f({.soft_output_bytes = 1'000, .steps_per_turn = 100});
    for (int i = 0; i < 3'000; ++i) {
        f.broker->publish(
            {.topic = "r/" + std::to_string(i), .payload = bytes_of("x"), .retain = true}, f.now);
    }
    Client& sub = in(f, "sub");
    sub.subscribe("r/#", 0);
    const std::size_t first = sub.take().size() - 1;
    CHECK(first == 50);  // each is looked at and sent; and then others have their turn
    sub.queued = 1'000;
    f.advance(1ms);
    CHECK(sub.take().empty());  // it does not read: nothing is dropped
    sub.queued = 0;
    sub.connection().on_drained(f.now);
    std::size_t got = first + sub.take().size();
    while (f.broker->on_time(f.now) == f.now) got += sub.take().size();
    CHECK(got + sub.take().size() == 3'000);

    f.advance(1ms);
    Client& one = in(f, "one", {.receive_maximum = 2});
    f.broker->publish(
        {.topic = "q/1", .payload = bytes_of("x"), .qos = Qos::at_least_once, .retain = true},
        f.now);
    f.broker->publish(
        {.topic = "q/2", .payload = bytes_of("x"), .qos = Qos::at_least_once, .retain = true},
        f.now);
    f.broker->publish(
        {.topic = "q/3", .payload = bytes_of("x"), .qos = Qos::at_least_once, .retain = true},
        f.now);
    CHECK(one.subscribe("q/+", 1).take().size() == 3);
    CHECK(one.answer(PacketType::puback, 1).take() == Lines{"PUBLISH q/3 qos1 id3 retain: x"});
}

TEST_CASE("retained topics of one level stand together, whatever sorts around the slash",
          "[mqtt][retained]") {
    RetainedMessages retained({.messages = 100, .bytes = 10'000});
    for (const char* topic : {"a", "a/b", "a-b", "a b", "a/b/c", "a0", "/", "/a", "$SYS/x", "b"}) {
        retained.set(Message::copy_of({.topic = topic, .payload = bytes_of("x")}), Instant{});
    }
    const auto found = [&](const char* filter) {
        Lines out;
        std::string after;
        while (true) {
            std::size_t budget = 1;
            const auto step = retained.next(filter, after, budget);
            if (step.message) out.emplace_back(step.message->view().topic);
            if (step.ended) break;
        }
        std::sort(out.begin(), out.end());
        return out;
    };
    CHECK(found("a/#") == Lines{"a", "a/b", "a/b/c"});
    CHECK(found("a/+") == Lines{"a/b"});
    CHECK(found("+") == Lines{"a", "a b", "a-b", "a0", "b"});
    CHECK(found("/+") == Lines{"/", "/a"});
    CHECK(found("$SYS/#") == Lines{"$SYS/x"});
    CHECK(found("#").size() == 9);
    CHECK(found("a") == Lines{"a"});
    CHECK(found("zz/#").empty());
}

TEST_CASE("[MQTT-3.1.2-8] a will is published when the connection ends without DISCONNECT",
          "[mqtt][will]") {
    PropertyList none;
    BrokerFixture f;
    Client& sub = in(f, "sub");
    sub.subscribe("will", 1).take();
    in(f, "a", with_will(0, 0, none)).vanish();
    CHECK(sub.take() == Lines{"PUBLISH will qos1 id1: gone"});
    in(f, "b", with_will(0, 100, none));
    f.advance(15s);  // keep-alive
    CHECK(sub.take() == Lines{"PUBLISH will qos1 id2: gone"});
    in(f, "c", with_will(0, 0, none)).send_hex("8200");  // malformed
    CHECK(sub.take() == Lines{"PUBLISH will qos1 id3: gone"});
    in(f, "d", with_will(0, 0, none)).disconnect(ReasonCode::disconnect_with_will);
    CHECK(sub.take() == Lines{"PUBLISH will qos1 id4: gone"});
    CHECK(f.broker->stats().wills_published == 4);
    CHECK(f.log.rows(kWillTable).empty());
}

TEST_CASE("[MQTT-3.14.4-3] a normal DISCONNECT drops the will", "[mqtt][will]") {
    PropertyList none;
    BrokerFixture f;
    Client& sub = in(f, "sub");
    sub.subscribe("will", 0).take();
    in(f, "a", with_will(0, 0, none)).disconnect();
    in(f, "b", with_will(0, 50, none)).disconnect();
    f.advance(100s);
    CHECK(sub.take().empty());
    CHECK(f.log.rows(kWillTable).empty());
}

TEST_CASE("[MQTT-3.1.3-9] a delayed will waits, and is not sent when the client comes back",
          "[mqtt][will]") {
    PropertyList delay;
    BrokerFixture f;
    const ConnectOptions options = with_will(5, 100, delay);
    Client& sub = in(f, "sub");
    sub.subscribe("will", 0).take();
    in(f, "a", options).vanish();
    f.advance(4s);
    in(f, "a", options);
    f.advance(9s);
    CHECK(sub.take().empty());
    f.client("a").connection().on_closed(f.now);  // takes over nothing: another epoch
    in(f, "a", options).vanish();
    f.advance(4s);
    CHECK(sub.take().empty());
    f.advance(1s);
    CHECK(sub.take() == Lines{"PUBLISH will: gone"});
}

TEST_CASE("a delayed will is sent when the session ends before its delay", "[mqtt][will]") {
    PropertyList delay;
    BrokerFixture f;
    Client& sub = in(f, "sub");
    sub.subscribe("will", 0).take();
    in(f, "a", with_will(50, 10, delay)).vanish();
    f.advance(9s);
    CHECK(sub.take().empty());
    f.advance(1s);
    CHECK(sub.take() == Lines{"PUBLISH will: gone"});
    // A clean start ends it too.
    PropertyList again;
    in(f, "b", with_will(50, 100, again)).vanish();
    in(f, "b", {.clean_start = true});
    CHECK(sub.take() == Lines{"PUBLISH will: gone"});
}

TEST_CASE("a taken over client's will is published", "[mqtt][will]") {
    PropertyList none;
    BrokerFixture f;
    Client& sub = in(f, "sub");
    sub.subscribe("will", 0).take();
    in(f, "a", with_will(0, 100, none));
    in(f, "a", kLasting);
    CHECK(sub.take() == Lines{"PUBLISH will: gone"});
}

TEST_CASE("a will speaks for the server no more than a message does: reserved topics are refused",
          "[mqtt][will]") {
    BrokerFixture f;
    for (const char* topic :
         {"$SYS/broker/version", "$aws/events/presence/disconnected/another", "$own"}) {
        INFO(topic);
        const WillFields will{.topic = topic, .payload = bytes_of("x")};
        CHECK(f.client("a").connect({.will = will}).take() == Lines{"CONNACK 135"});
        CHECK(f.client("a").connect({.version = Version::v3_1_1, .will = will}).take() ==
              Lines{"CONNACK 5"});
    }
    const WillFields request{.topic = "$aws/things/lamp/shadow/update", .payload = bytes_of("{}")};
    CHECK(f.client("lamp").connect({.will = request}).take() == Lines{"CONNACK 0"});
}

TEST_CASE("a will on a topic that the client may not publish to is refused at CONNECT",
          "[mqtt][will]") {
    BrokerFixture f;
    CHECK(f.client("a").connect({.will = WillFields{.topic = "secret"}}).take() ==
          Lines{"CONNACK 135"});
}
