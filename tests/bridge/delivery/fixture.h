// A store with one registered device, a codec host that answers when the test says so, and a sink
// that keeps what was published: the subject of the delivery tests.
#pragma once

#include "base/store/memory_log.h"
#include "bridge/delivery/event_delivery.h"
#include "bridge/payload/proto/codec.pb.h"
#include "lns/device/tables.h"

#include "tests/support/catch.h"

namespace helio::bridge::delivery::testing {

inline constexpr auto kDevice = Eui64::from_value(0xa0b1c2d3e4f50001u);
inline const std::string kProfile = "00000000-0000-4000-8000-000000000001";
inline const std::string kTopic = "application/farm/device/a0b1c2d3e4f50001/";

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
        settle();
        now += std::chrono::seconds(2);
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

inline bool has(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace helio::bridge::delivery::testing
