#include "bridge/delivery/event_delivery.h"

#include "tests/bridge/delivery/fixture.h"

using namespace helio;
using namespace helio::bridge::delivery;
using namespace helio::bridge::delivery::testing;

TEST_CASE_METHOD(
    Fixture,
    "an uplink goes to its application's topic, and in AWS's form to the destination's",
    "[delivery]") {
    uplink("abc");
    REQUIRE(sink.messages.size() == 2);
    CHECK(sink.messages[0].first == kTopic + "event/up");
    CHECK(has(sink.messages[0].second, R"("data":"YWJj")"));
    CHECK(sink.messages[1].first == "aws/farm");
    CHECK(has(sink.messages[1].second, R"("PayloadData":"YWJj")"));
}

TEST_CASE_METHOD(Fixture,
                 "a destination of type RuleName runs that rule, where it exists",
                 "[delivery]") {
    auto destination = *registry.destination("farm");
    destination.set_expression_type(lns::proto::Destination::RULE_NAME);
    destination.set_expression("missing");
    REQUIRE(registry.update(destination));
    uplink("a");
    CHECK(sink.messages.size() == 1);
    CHECK(sink.ran.empty());
    destination.set_expression("there");
    REQUIRE(registry.update(destination));
    uplink("b");
    REQUIRE(sink.ran.size() == 1);
    CHECK(sink.ran[0].first == "there");
}

TEST_CASE_METHOD(
    Fixture,
    "with a codec the event waits for its object; a failure costs the object and is told",
    "[delivery]") {
    set_codec();
    uplink("a");
    uplink("b");
    CHECK(sink.messages.empty());
    codecs.flush(now);
    REQUIRE(host.jobs.size() == 2);
    answer(0, R"({"t":21})");
    answer(1, "", "unknown sensor");
    REQUIRE(sink.messages.size() == 5);
    CHECK(has(sink.messages[0].second, R"("object":{"t":21})"));
    CHECK(sink.messages[2].first == kTopic + "event/up");
    CHECK_FALSE(has(sink.messages[2].second, R"("object")"));
    CHECK(sink.messages[4].first == kTopic + "event/log");
    CHECK(has(sink.messages[4].second, "unknown sensor"));
    CHECK(delivery.stats().without_object == 1);
}

TEST_CASE_METHOD(Fixture, "what a codec warns of is told beside the object", "[delivery]") {
    set_codec();
    uplink("a");
    codecs.flush(now);
    bridge::payload::proto::Answer warned;
    warned.set_object_json(R"({"t":21})");
    warned.add_warnings("battery low");
    warned.add_warnings("lid open");
    answer_with(0, warned);
    REQUIRE(sink.messages.size() == 3);
    CHECK(has(sink.messages[0].second, R"("object":{"t":21})"));
    CHECK(sink.messages[2].first == kTopic + "event/log");
    CHECK(has(sink.messages[2].second, R"("level":"WARNING")"));
    CHECK(has(sink.messages[2].second, "battery low; lid open"));
    CHECK(delivery.stats().without_object == 0);
}

TEST_CASE_METHOD(Fixture,
                 "what was committed and not handed on before a crash is handed on after it, once",
                 "[delivery]") {
    uplink("first");
    turn_ends_later();
    log_uplink("second");
    const Again again = after_crash();
    CHECK(again.events == 1);
    REQUIRE(again.messages.size() == 2);
    CHECK(has(again.messages[0].second, "c2Vjb25k"));
}

TEST_CASE_METHOD(Fixture,
                 "a txack is told of a queued message only, not of what the network sends itself",
                 "[delivery]") {
    lns::PublishEvent event = log_uplink("");
    event.event.mutable_txack()->set_fcnt_down(1);
    delivery.on_event(event, now);
    CHECK(sink.messages.empty());
    event.event.mutable_txack()->set_message_id("open");
    delivery.on_event(event, now);
    REQUIRE(sink.messages.size() == 1);
    CHECK(sink.messages[0].first == kTopic + "event/txack");
    CHECK(has(sink.messages[0].second, R"("queueItemId":"open")"));
}

TEST_CASE_METHOD(
    Fixture,
    "while an event waits for its codec, it and those behind it count as not handed on",
    "[delivery]") {
    set_codec();
    uplink("slow");
    uplink("behind");
    turn_ends_later();
    CHECK(after_crash().events == 2);
    codecs.flush(now);
    answer(0, "{}");
    turn_ends_later();
    CHECK(after_crash().events == 1);
}

TEST_CASE_METHOD(Fixture, "an edited device is seen with the next event", "[delivery]") {
    uplink("a");
    auto device = *registry.device(kDevice);
    device.set_name("attic");
    REQUIRE(registry.update(device));
    uplink("b");
    CHECK(has(sink.messages[0].second, "cellar"));
    CHECK(has(sink.messages[2].second, "attic"));
}
