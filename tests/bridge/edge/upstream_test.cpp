#include "bridge/edge/upstream.h"

#include "base/store/memory_log.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge;
using namespace helio::bridge::edge;
using namespace std::chrono_literals;
using mqtt::PropertyId;
using mqtt::Qos;
using mqtt::ReasonCode;

namespace {

TopicMap map_of(std::string_view text) { return *parse_topic_map(text); }

UpstreamOptions options_with(mqtt::Version version) {
    return {.name = "up",
            .server_id = "me",
            .client = {.version = version, .client_id = "heliograph-up"},
            .maps = {map_of("out 1 sensors/# \"\" site/"),
                     map_of("out 0 fast/#"),
                     map_of("in 1 commands/# \"\" site/"),
                     map_of("in 1 both/#"),
                     map_of("out 1 both/#")},
            .messages_per_second = 100};
}

// What came to the other side, owned.
struct Seen {
    mqtt::PacketType type;
    std::string topic, payload, path;
    mqtt::PacketId id = 0;
    Qos qos = Qos::at_most_once;
    bool dup = false;
};

// The other broker, played by hand: it decodes what is sent to it and answers when told to.
struct Fixture : UpstreamPort {
    explicit Fixture(mqtt::Version v = mqtt::Version::v5) : version(v) {}

    void open() override { ++opens; }
    void close() override { ++closes; }
    void send(ByteView bytes) override {
        REQUIRE(decoder.feed(bytes, [&](const mqtt::Frame& frame) {
            const auto packet = mqtt::parse_packet(frame, version);
            REQUIRE(packet);
            note(*packet, frame.type());
            return mqtt::Next::more;
        }));
    }
    void note(const mqtt::Packet& packet, mqtt::PacketType type) {
        Seen one{.type = type};
        if (const auto* publish = std::get_if<mqtt::Publish>(&packet)) {
            one.topic = publish->topic;
            one.payload = text_of(publish->payload);
            one.id = publish->packet_id;
            one.qos = publish->qos;
            one.dup = publish->dup;
            publish->properties.each_user_property([&](const mqtt::UserProperty& property) {
                if (property.name == "heliograph-path") one.path = property.value;
            });
        } else if (const auto* subscribe = std::get_if<mqtt::Subscribe>(&packet)) {
            one.topic = subscribe->entries[0].filter;
        } else if (const auto* answer = std::get_if<mqtt::PublishAnswer>(&packet)) {
            one.id = answer->packet_id;
        }
        seen.push_back(std::move(one));
    }
    void say(const mqtt::Packet& packet) {
        Bytes bytes;
        mqtt::encode_packet(packet, version, bytes);
        upstream.on_bytes(bytes, now);
    }
    void come_online(bool session_present = false) {
        upstream.on_time(now);
        upstream.on_open(now);
        say(mqtt::Connack{.session_present = session_present});
        upstream.on_time(now);
    }
    store::Position local(std::string_view topic,
                          std::string_view payload,
                          mqtt::Properties properties = {},
                          Origin origin = Origin::client) {
        const auto position = upstream.on_local({.topic = topic,
                                                 .payload = bytes_of(payload),
                                                 .properties = properties,
                                                 .qos = Qos::at_least_once},
                                                origin,
                                                now);
        upstream.on_time(now);
        return position;
    }
    std::vector<Seen> take(mqtt::PacketType type) {
        std::vector<Seen> out;
        for (Seen& one : seen) {
            if (one.type == type) out.push_back(std::move(one));
        }
        std::erase_if(seen, [type](const Seen& one) { return one.type == type; });
        return out;
    }
    std::vector<Seen> published() { return take(mqtt::PacketType::publish); }
    void ack(mqtt::PacketId id, ReasonCode reason = ReasonCode::success) {
        say(mqtt::PublishAnswer{
            .type = mqtt::PacketType::puback, .packet_id = id, .reason = reason});
    }
    void wait(Duration time) {
        now += time;
        upstream.on_time(now);
    }

    mqtt::Version version;
    store::MemoryLog log{store::MemoryLog::Answers::when_stepped};
    store::Store store{std::array{kQueueTable}, log};
    Instant now = from_unix_us(1'700'000'000'000'000);
    struct Here {
        std::string topic, payload, path;
    };
    std::vector<Here> here;
    store::Position next_position = 0;
    int opens = 0, closes = 0;
    std::vector<Seen> seen;
    mqtt::StreamDecoder decoder{1u << 20};
    Upstream upstream{
        options_with(version),
        store,
        *this,
        [this](const mqtt::PublishMessage& message, Instant at) {
            here.push_back({std::string(message.topic), std::string(text_of(message.payload))});
            for (const mqtt::UserProperty& one : message.user_properties) {
                if (one.name == "heliograph-path") here.back().path += one.value;
            }
            // What is published here is seen by the bridge, too.
            upstream.on_local(
                {.topic = message.topic, .payload = message.payload}, Origin::upstream, at);
            return next_position;
        },
        crypto::seeded_random(3)};
};

struct Fixture311 : Fixture {
    Fixture311() : Fixture(mqtt::Version::v3_1_1) {}
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "a bridge subscribes to what comes in and sends what goes out, under its names",
                 "[edge]") {
    come_online();
    const auto subscriptions = take(mqtt::PacketType::subscribe);
    REQUIRE(subscriptions.size() == 2);
    CHECK(subscriptions[0].topic == "site/commands/#");
    CHECK(local("sensors/a", "1") != 0);
    local("other/a", "2");
    const auto sent = published();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].topic == "site/sensors/a");
    CHECK(sent[0].qos == Qos::at_least_once);
    CHECK(sent[0].path == "me");
    ack(sent[0].id);
    CHECK(upstream.queue().size() == 0);
    CHECK(upstream.stats().acknowledged == 1);
}

TEST_CASE_METHOD(Fixture,
                 "messages of an outage are kept, and leave at the bounded rate when it is over",
                 "[edge]") {
    for (int i = 0; i < 50; ++i) local("sensors/a", std::to_string(i));
    CHECK(upstream.queue().size() == 50);
    come_online();
    std::vector<Seen> all;
    Duration took{0};
    while (all.size() < 50 && took < 5s) {
        for (Seen& one : published()) {
            ack(one.id);
            all.push_back(std::move(one));
        }
        wait(10ms);
        took += 10ms;
    }
    REQUIRE(all.size() == 50);
    for (int i = 0; i < 50; ++i) CHECK(all[i].payload == std::to_string(i));
    CHECK(took >= 400ms);  // a hundred a second, and a tenth of a second at once
    CHECK(took <= 700ms);
    CHECK(upstream.queue().size() == 0);
}

TEST_CASE_METHOD(
    Fixture,
    "what was not acknowledged is sent again, with its id and DUP where the session is there",
    "[edge]") {
    come_online();
    local("sensors/a", "1");
    wait(1s);
    local("sensors/a", "2");
    const auto first = published();
    REQUIRE(first.size() == 2);
    ack(first[0].id);
    upstream.on_closed("lost", now);
    wait(2s);
    CHECK(opens == 2);
    come_online(true);
    const auto again = published();
    REQUIRE(again.size() == 1);
    CHECK(again[0].payload == "2");
    CHECK(again[0].id == first[1].id);
    CHECK(again[0].dup);
    CHECK(upstream.stats().connections == 2);
}

TEST_CASE_METHOD(Fixture,
                 "packet ids do not run out over outages in which what was on the wire expires",
                 "[edge]") {
    mqtt::PropertyList soon;
    soon.add<PropertyId::message_expiry_interval>(5);
    std::size_t sent = 0;
    while (sent < 70'000) {
        for (int i = 0; i < 100; ++i)
            upstream.on_local(
                {.topic = "sensors/a", .properties = soon.view()}, Origin::client, now);
        come_online(true);
        for (int i = 0; i < 10; ++i) wait(100ms);
        const auto of_this_time = published().size();
        REQUIRE(of_this_time == 100);
        sent += of_this_time;
        upstream.on_closed("lost", now);
        wait(10s);
    }
}

TEST_CASE_METHOD(Fixture, "what comes down is acknowledged when it is durable here", "[edge]") {
    come_online();
    next_position = 7;
    say(mqtt::Publish{.qos = Qos::at_least_once,
                      .topic = "site/commands/x",
                      .packet_id = 9,
                      .payload = bytes_of("on")});
    REQUIRE(here.size() == 1);
    CHECK(here[0].topic == "commands/x");
    CHECK(here[0].payload == "on");
    wait(0s);
    CHECK(take(mqtt::PacketType::puback).empty());

    next_position = store.durable();
    upstream.on_closed("lost", now);  // it is owed to nobody any more
    wait(2s);
    come_online();
    say(mqtt::Publish{.qos = Qos::at_least_once,
                      .topic = "site/commands/x",
                      .packet_id = 4,
                      .payload = bytes_of("on")});
    wait(0s);
    const auto answers = take(mqtt::PacketType::puback);
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].id == 4);
}

TEST_CASE_METHOD(Fixture,
                 "what came from upstream does not go back, and what was here before is dropped",
                 "[edge]") {
    come_online();
    say(mqtt::Publish{.topic = "both/a", .payload = bytes_of("x")});
    CHECK(here.size() == 1);
    CHECK(published().empty());

    for (const char* path : {"me", "other,me", "a,b,c,d,e,f,g,h"}) {
        mqtt::PropertyList properties;
        properties.add_user("heliograph-path", path);
        local("both/a", "y", properties.view());
        say(mqtt::Publish{
            .topic = "both/a", .properties = properties.view(), .payload = bytes_of("z")});
    }
    CHECK(published().empty());
    CHECK(here.size() == 1);
    CHECK(upstream.stats().loops == 6);

    mqtt::PropertyList properties;
    properties.add_user("heliograph-path", "other").add_user("k", "v");
    local("both/a", "y", properties.view());
    CHECK(published().at(0).path == "other,me");
}

TEST_CASE_METHOD(Fixture,
                 "what comes down is signed, too, so that it ends where it leaves by another road",
                 "[edge]") {
    come_online();
    say(mqtt::Publish{.topic = "both/a", .payload = bytes_of("x")});
    CHECK(here.at(0).path == "me");
    mqtt::PropertyList other;
    other.add_user("heliograph-path", "other");
    say(mqtt::Publish{.topic = "both/a", .properties = other.view(), .payload = bytes_of("x")});
    CHECK(here.at(1).path == "other,me");
    // A client brings it back: a bridge of the other side to this one.
    mqtt::PropertyList ours;
    ours.add_user("heliograph-path", "other,me");
    local("both/a", "x", ours.view());
    CHECK(published().empty());
    // Another bridge of ours has brought it: it goes on, signed once.
    local("both/a", "x", ours.view(), Origin::upstream);
    CHECK(published().at(0).path == "other,me");
}

TEST_CASE_METHOD(Fixture311, "in MQTT 3.1.1 an echo is known by what it is", "[edge]") {
    come_online();
    local("both/a", "mine");
    const auto sent = published();
    REQUIRE(sent.size() == 1);
    say(mqtt::Publish{.topic = "both/a", .payload = bytes_of("mine")});
    CHECK(here.empty());
    CHECK(upstream.stats().loops == 1);
    say(mqtt::Publish{.topic = "both/a",
                      .payload = bytes_of("mine")});  // somebody else says the same
    CHECK(here.size() == 1);
}

TEST_CASE_METHOD(Fixture,
                 "QoS 0 is sent while somebody is there, and dropped and counted otherwise",
                 "[edge]") {
    CHECK(local("fast/a", "1") == 0);
    CHECK(upstream.stats().dropped_offline == 1);
    come_online();
    local("fast/a", "2");
    const auto sent = published();
    REQUIRE(sent.size() == 1);
    CHECK(sent[0].qos == Qos::at_most_once);
    CHECK(upstream.queue().size() == 0);
}

TEST_CASE_METHOD(Fixture, "not more than the receive maximum is unacknowledged", "[edge]") {
    upstream.on_time(now);
    upstream.on_open(now);
    mqtt::PropertyList properties;
    properties.add<PropertyId::receive_maximum>(2);
    say(mqtt::Connack{.properties = properties.view()});
    for (int i = 0; i < 5; ++i) {
        local("sensors/a", std::to_string(i));
        wait(100ms);
    }
    const auto sent = published();
    CHECK(sent.size() == 2);
    ack(sent[0].id);
    CHECK(published().size() == 1);
    ack(sent[1].id, ReasonCode::quota_exceeded);  // it will not have it: no use in trying again
    CHECK(upstream.stats().refused == 1);
    CHECK(upstream.queue().size() == 3);
}

TEST_CASE_METHOD(Fixture,
                 "reconnects come later and later, up to a minute, and not all at once",
                 "[edge]") {
    Duration last{0};
    for (int i = 0; i < 12; ++i) {
        upstream.on_time(now);
        CHECK(opens == i + 1);
        upstream.on_closed("refused", now);
        const auto at = upstream.on_time(now);
        REQUIRE(at);
        last = *at - now;
        const Duration whole = std::min<Duration>(60s, 1s * (1 << i));
        CHECK(last >= whole / 2);
        CHECK(last <= whole);
        now = *at;
    }
    CHECK(last >= 30s);
    upstream.on_time(now);
    upstream.on_open(now);
    say(mqtt::Connack{});
    upstream.on_closed("lost", now);
    CHECK(*upstream.on_time(now) - now <= 1s);  // it had worked: from the beginning
    CHECK(upstream.last_error() == "lost");
}

TEST_CASE_METHOD(Fixture,
                 "a broker that is silent, refuses or talks nonsense is left and tried again",
                 "[edge]") {
    upstream.on_time(now);
    upstream.on_open(now);
    wait(16s);
    CHECK(upstream.last_error().find("CONNECT") != std::string::npos);
    CHECK(closes == 1);
    now += 1s;
    upstream.on_time(now);
    upstream.on_open(now);
    say(mqtt::Connack{.code = 0x87});
    CHECK(upstream.last_error().find("135") != std::string::npos);
    now += 2s;
    come_online();
    upstream.on_bytes(Bytes{0x00, 0x00}, now);
    CHECK(upstream.last_error().find("malformed") != std::string::npos);
    now += 2s;
    come_online();
    wait(31s);
    CHECK(take(mqtt::PacketType::pingreq).size() == 1);
    wait(61s);
    CHECK(upstream.last_error().find("silent") != std::string::npos);
    now += 2s;
    upstream.on_time(now);
    upstream.on_open(now);
    say(mqtt::Publish{.topic = "site/commands/x", .payload = bytes_of("on")});
    CHECK(upstream.last_error().find("before its CONNACK") != std::string::npos);
    CHECK(here.empty());
    CHECK(closes == 5);
}
