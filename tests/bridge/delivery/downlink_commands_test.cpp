#include "bridge/delivery/downlink_commands.h"

#include "tests/bridge/delivery/fixture.h"

using namespace helio;
using namespace helio::bridge;
using namespace helio::bridge::delivery;
using namespace helio::bridge::delivery::testing;

namespace {

class CommandFixture : public Fixture {
  public:
    auto command(const std::string& json, const std::string& topic = kTopic + "command/down") {
        return commands.on_message(topic, json, now);
    }
    lns::Outbox outbox;
    lns::NetworkServer network{{}, registry, crypto::seeded_random(1), outbox};
    DownlinkCommands commands{network, delivery, codecs, crypto::seeded_random(2)};
};

}  // namespace

TEST_CASE_METHOD(CommandFixture,
                 "a downlink command is enqueued, and a wrong one is told as a log event",
                 "[delivery]") {
    REQUIRE(command(R"({"devEui":"a0b1c2d3e4f50001","fPort":10,"data":"AQI="})"));
    REQUIRE(network.queue(kDevice).size() == 1);
    CHECK(network.queue(kDevice)[0].data() == "\x01\x02");

    CHECK_FALSE(command(R"({"fPort":0,"data":"AQI="})"));
    REQUIRE(sink.messages.size() == 1);
    CHECK(sink.messages[0].first == kTopic + "event/log");
    CHECK(has(sink.messages[0].second, "fPort"));

    CHECK_FALSE(command(R"({"fPort":1,"data":"AQI="})",
                        "application/other/device/a0b1c2d3e4f50001/command/down"));
    CHECK(sink.messages.size() == 1);
    CHECK(network.queue(kDevice).size() == 1);
}

TEST_CASE_METHOD(CommandFixture,
                 "an object is encoded by the device's codec before it is enqueued",
                 "[delivery]") {
    command(R"({"fPort":10,"object":{"on":true}})");
    REQUIRE(sink.messages.size() == 1);
    CHECK(has(sink.messages[0].second, "no codec"));

    set_codec();
    command(R"({"fPort":10,"object":{"on":true}})");
    codecs.flush(now);
    REQUIRE(host.jobs.size() == 1);
    CHECK(host.jobs[0].object_json() == R"({"on":true})");
    payload::proto::Answer answer;
    answer.set_data("\x07");
    answer_with(0, answer);
    REQUIRE(network.queue(kDevice).size() == 1);
    CHECK(network.queue(kDevice)[0].data() == "\x07");
}
