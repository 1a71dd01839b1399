#include "base/store/memory_log.h"
#include "base/store/store.h"
#include "bridge/mqtt/broker.h"
#include "bridge/mqtt/connection.h"
#include "bridge/mqtt/packet/packet.h"
#include "bridge/mqtt/session/tables.h"
#include "bridge/mqtt/topic/topic_tree.h"

#include <benchmark/benchmark.h>
#include <memory>
#include <string>
#include <vector>

using namespace helio;
using namespace helio::bridge::mqtt;

namespace {

const Instant kNow = from_unix_us(1'700'000'000'000'000);

std::string device_topic(std::size_t i) {
    return "application/demo/device/" + std::to_string(0x70b3d50000000000u + i) + "/event/up";
}

struct Everybody final : Authenticator {
    void authenticate(const ConnectRequest&, Instant now, Answer answer) override {
        answer({.reason = ReasonCode::success}, now);
    }
};

// Takes everything at once, as a socket that is never full.
struct Socket final : Wire {
    void write(ByteView bytes) override {
        if (buffer.size() + bytes.size() > 1u << 20) buffer.clear();
        buffer.insert(buffer.end(), bytes.begin(), bytes.end());
    }
    std::size_t queued_bytes() const override { return 0; }
    void end() override {}
    void wake() override {}
    Bytes buffer;
};

struct World {
    World() {
        store.on_durable([this](store::Position p) { broker.on_durable(p, kNow); });
    }
    Connection& client(const std::string& id, std::uint32_t expiry_s = 0) {
        sockets.push_back(std::make_unique<Socket>());
        connections.push_back(std::make_unique<Connection>(
            broker, *sockets.back(), broker.limits(), broker.stats(), ClientAddress{}, kNow));
        PropertyList properties;
        properties.add<PropertyId::session_expiry_interval>(expiry_s);
        say(*connections.back(), Connect{.client_id = id, .properties = properties.view()});
        return *connections.back();
    }
    void say(Connection& connection, const Packet& packet) {
        Bytes bytes;
        encode_packet(packet, Version::v5, bytes);
        connection.on_bytes(bytes, kNow);
        turn();
    }
    void turn() {
        store.flush(kNow);
        store.poll();
    }
    store::MemoryLog log;
    store::Store store{kTables, log};
    Everybody everybody;
    Broker broker{store, {}, crypto::seeded_random(1), everybody, nullptr, kNow};
    std::vector<std::unique_ptr<Socket>> sockets;
    std::vector<std::unique_ptr<Connection>> connections;
};

void fill(TopicTree& tree, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::string n = std::to_string(i / 2);
        const std::string text =
            i % 2 == 0 ? "site/" + n + "/sensor/temperature" : "site/" + n + "/+/humidity";
        tree.add(TopicFilter::parse(text, 128).value(), {.subscriber = SubscriberId(i)});
    }
}

// A million subscriptions, half of them wildcards; every topic is new to the cache, or none is.
void match_1m(benchmark::State& state) {
    static TopicTree tree;
    if (tree.filter_count() == 0) fill(tree, 1'000'000);
    const bool cached = state.range(0) != 0;
    std::vector<std::string> topics;
    for (std::size_t i = 0; i < (cached ? 1'000 : 400'000); ++i) {
        topics.push_back("site/" + std::to_string(i * 7919 % 500'000) + "/sensor/humidity");
    }
    std::size_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(tree.match(topics[i]).size());
        if (++i == topics.size()) i = 0;
    }
}
BENCHMARK(match_1m)->Arg(0)->Arg(1)->ArgNames({"cached"});

// Events of 10,000 devices to one subscriber of a wildcard.
void publish_from_inside(benchmark::State& state) {
    World world;
    Connection& sub = world.client("sub");
    world.say(sub, Subscribe{.packet_id = 1, .entries = {{"application/+/device/+/event/up", {}}}});
    std::vector<std::string> topics;
    for (std::size_t i = 0; i < 10'000; ++i) topics.push_back(device_topic(i));
    const std::string payload(static_cast<std::size_t>(state.range(0)), 'x');
    std::size_t i = 0;
    for (auto _ : state) {
        world.broker.publish({.topic = topics[i], .payload = bytes_of(payload)}, kNow);
        if (++i == topics.size()) i = 0;
    }
}
BENCHMARK(publish_from_inside)->Arg(64)->Arg(1'500)->ArgNames({"payload"});

// From bytes to bytes: 50 publishers, one subscriber, eight messages a read.
void fan_in(benchmark::State& state) {
    World world;
    const auto qos = static_cast<Qos>(state.range(0));
    Connection& sub = world.client("sub");
    world.say(sub, Subscribe{.packet_id = 1, .entries = {{"bench/fanin/+", {.qos = qos}}}});
    Socket& heard = *world.sockets.back();
    std::vector<Connection*> publishers;
    std::vector<Bytes> reads(50);
    const std::string payload(64, 'x');
    for (int p = 0; p < 50; ++p) {
        publishers.push_back(&world.client("p" + std::to_string(p)));
        const std::string topic = "bench/fanin/" + std::to_string(p);
        for (PacketId id = 1; id <= 8; ++id) {
            encode_publish({.qos = qos,
                            .topic = topic,
                            .packet_id = qos == Qos::at_most_once ? PacketId(0) : id,
                            .payload = bytes_of(payload)},
                           Version::v5,
                           reads[std::size_t(p)]);
        }
    }
    std::size_t p = 0;
    PacketId next = 1;
    Bytes answers;
    for (auto _ : state) {
        publishers[p]->on_bytes(reads[p], kNow);
        if (qos == Qos::at_least_once) {
            answers.clear();
            for (int i = 0; i < 8; ++i) {
                encode_publish_answer({.packet_id = next}, Version::v5, answers);
                next = next == 65'535 ? PacketId(1) : PacketId(next + 1);
            }
            sub.on_bytes(answers, kNow);
        }
        if (++p == publishers.size()) p = 0;
    }
    benchmark::DoNotOptimize(heard.buffer.data());
    state.SetItemsProcessed(state.iterations() * 8);
    state.counters["lost"] = static_cast<double>(world.broker.stats().dropped_queue_full);
}
BENCHMARK(fan_in)->Arg(0)->Arg(1)->ArgNames({"qos"});

void fan_out_500(benchmark::State& state) {
    World world;
    for (int i = 0; i < 500; ++i) {
        world.say(world.client("s" + std::to_string(i)),
                  Subscribe{.packet_id = 1, .entries = {{"t", {}}}});
    }
    const std::string payload(64, 'x');
    for (auto _ : state) world.broker.publish({.topic = "t", .payload = bytes_of(payload)}, kNow);
    state.SetItemsProcessed(state.iterations() * 500);
}
BENCHMARK(fan_out_500);

// QoS 1 to a lasting session that is connected: stored, delivered, acknowledged, erased.
void durable_qos_1(benchmark::State& state) {
    World world;
    Connection& sub = world.client("sub", 1'000);
    const SubscribeOptions one{.qos = Qos::at_least_once};
    world.say(sub, Subscribe{.packet_id = 1, .entries = {{"t/+", one}}});
    const std::string payload(64, 'x');
    PacketId next = 1;
    Bytes answers;
    std::size_t i = 0;
    for (auto _ : state) {
        world.broker.publish(
            {.topic = "t/1", .payload = bytes_of(payload), .qos = Qos::at_least_once}, kNow);
        answers.clear();
        encode_publish_answer({.packet_id = next}, Version::v5, answers);
        next = next == 65'535 ? PacketId(1) : PacketId(next + 1);
        sub.on_bytes(answers, kNow);
        if (++i % 500 == 0) world.turn();
    }
}
BENCHMARK(durable_qos_1);

void decode_publish(benchmark::State& state) {
    Bytes bytes;
    const std::string payload(64, 'x');
    encode_publish({.topic = device_topic(1), .payload = bytes_of(payload)}, Version::v5, bytes);
    for (auto _ : state) {
        const auto found = next_frame(bytes, kMaxPacketBytes);
        benchmark::DoNotOptimize(parse_publish((*found)->frame, Version::v5)->payload.data());
    }
}
BENCHMARK(decode_publish);

void connect_and_leave(benchmark::State& state) {
    World world;
    for (auto _ : state) {
        world.say(world.client("c"), Disconnect{});
        world.connections.clear();
        world.sockets.clear();
    }
}
BENCHMARK(connect_and_leave);

}  // namespace
