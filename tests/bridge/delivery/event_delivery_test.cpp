#include "bridge/delivery/event_delivery.h"

#include "base/store/memory_log.h"
#include "bridge/delivery/downlink_commands.h"
#include "bridge/payload/proto/codec.pb.h"
#include "lns/device/tables.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge;
using namespace helio::bridge::delivery;

namespace {

constexpr auto kDevice = Eui64::from_value(0xa0b1c2d3e4f50001u);
const std::string kProfile = "00000000-0000-4000-8000-000000000001";
const std::string kTopic = "application/farm/device/a0b1c2d3e4f50001/";

class Sink : public EventSink {
  public:
    void publish(std::string_view topic, std::string_view payload) override {
        messages.emplace_back(topic, payload);
    }
    bool has_rule(std::string_view name) const override { return name == "there"; }
    void run_rule(std::string_view name, std::string_view, std::string_view payload) override {
        ran.emplace_back(name, payload);
    }
    std::vector<std::pair<std::string, std::string>> messages;
    std::vector<std::pair<std::string, std::string>> ran;
};

class Host : public payload::CodecHostPort {
  public:
    bool start() override { return true; }
    void send(std::string bytes) override {
        payload::FrameReader reader(1u << 20);
        reader.feed(bytes_of(bytes));
        while (const auto frame = reader.next()) {
            payload::proto::JobBatch batch;
            REQUIRE(batch.ParseFromString(std::string(*frame)));
            jobs.insert(jobs.end(), batch.jobs().begin(), batch.jobs().end());
        }
    }
    void kill() override {}
    std::vector<payload::proto::Job> jobs;
};

// A store with one device under one profile and destination, and verbs for what happens to it.
class Fixture {
  public:
    Fixture() {
        lns::proto::DeviceProfile profile;
        profile.set_id(kProfile);
        profile.set_name("class A");
        profile.set_region("EU868");
        profile.set_supports_join(true);
        REQUIRE(registry.create(profile));
        lns::proto::Destination destination;
        destination.set_name("farm");
        destination.set_expression_type(lns::proto::Destination::MQTT_TOPIC);
        destination.set_expression("aws/farm");
        REQUIRE(registry.create(destination));
        lns::proto::WirelessDevice device;
        device.set_id("00000000-0000-4000-8000-000000000002");
        device.set_name("cellar");
        device.set_destination("farm");
        device.set_dev_eui(kDevice.value());
        device.set_device_profile_id(profile.id());
        device.mutable_otaa()->set_join_eui(1);
        device.mutable_otaa()->set_app_key(std::string(16, 'k'));  // test key
        REQUIRE(registry.create(device));
        settle();
    }
    void set_codec() {
        auto profile = *registry.device_profile(kProfile);
        profile.set_codec("function decodeUplink(input) {}");
        REQUIRE(registry.update(profile));
        settle();
    }
    // Appends an uplink to the log; it is durable then, but not handed on.
    lns::PublishEvent log_uplink(const std::string& data) {
        lns::PublishEvent out;
        out.event.set_dev_eui(kDevice.value());
        out.event.set_time_us(to_unix_us(now));
        out.event.mutable_up()->set_fport(2);
        out.event.mutable_up()->set_data(data);
        const std::string bytes = out.event.SerializeAsString();
        auto tx = store.begin(0);
        out.sequence = tx.append_event(bytes_of(bytes));
        tx.commit();
        settle();
        return out;
    }
    void uplink(const std::string& data) { delivery.on_event(log_uplink(data), now); }
    void settle() {
        store.flush(now);
        store.poll();
    }
    void answer(std::size_t job, const std::string& object, const std::string& error = {}) {
        payload::proto::Answer answer;
        answer.set_object_json(object);
        answer.set_error(error);
        answer_with(job, answer);
    }
    void answer_with(std::size_t job, payload::proto::Answer answer) {
        answer.set_id(host.jobs.at(job).id());
        std::string frame;
        payload::append_frame(frame, answer.SerializeAsString());
        codecs.on_bytes(bytes_of(frame), now);
    }
    // What a server that starts again with this data hands on at once, and how many events it takes up.
    struct Again {
        std::vector<std::pair<std::string, std::string>> messages;
        std::uint64_t events;
    };
    Again after_crash() {
        Sink after;
        payload::CodecClient fresh_codecs{host};
        EventDelivery again{store, registry, fresh_codecs, after};
        again.recover(now);
        return {after.messages, again.stats().events_again};
    }
    void turn_ends_later() {
        now += std::chrono::seconds(2);
        delivery.on_turn_end(now);
        settle();
    }

    Instant now = from_unix_us(1'795'253'400'000'000);
    store::MemoryLog log;
    store::Store store{lns::kTables, log};
    lns::Registry registry{store};
    Host host;
    payload::CodecClient codecs{host};
    Sink sink;
    EventDelivery delivery{store, registry, codecs, sink};
};

class CommandFixture : public Fixture {
  public:
    auto command(const std::string& json, const std::string& topic = kTopic + "command/down") {
        return commands.on_message(topic, json, now);
    }
    lns::Outbox outbox;
    lns::NetworkServer network{{}, registry, crypto::seeded_random(1), outbox};
    DownlinkCommands commands{network, delivery, codecs, crypto::seeded_random(2)};
};

bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_METHOD(Fixture,
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

TEST_CASE_METHOD(Fixture,
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
