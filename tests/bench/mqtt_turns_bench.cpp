// The longest turn that the broker takes for what comes by the thousand, over a store on disk.
#include "base/store/lmdb/lmdb_log.h"
#include "base/store/store.h"
#include "bridge/mqtt/broker.h"
#include "bridge/mqtt/connection.h"
#include "bridge/mqtt/packet/packet.h"
#include "bridge/mqtt/session/tables.h"
#include "tests/base/store/temporary_folder.h"

#include <benchmark/benchmark.h>
#include <chrono>

using namespace helio;
using namespace helio::bridge::mqtt;

namespace {

constexpr int kMessages = 100'000;

struct Everybody final : Authenticator {
    void authenticate(const ConnectRequest&, Instant now, Answer answer) override {
        answer({.reason = ReasonCode::success}, now);
    }
};

// Takes everything at once, and forgets it.
struct Sink final : Wire {
    void write(ByteView) override {}
    std::size_t queued_bytes() const override { return 0; }
    void end() override {}
    void wake() override {}
};

class Turns {
  public:
    Turns() {
        store_.on_durable([this](store::Position p) { broker_.on_durable(p, now_); });
    }

    template <class Work>
    void turn(const Work& work) {
        now_ += std::chrono::milliseconds(1);
        const auto begin = std::chrono::steady_clock::now();
        work();
        broker_.on_time(now_);
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begin;
        longest_ms_ = std::max(longest_ms_, took.count());
        store_.flush(now_);
        log_.wait();
        store_.poll();
    }
    void finish() {
        do turn([] {});
        while (broker_.has_more_to_do());
    }
    double longest_ms() {
        finish();
        return longest_ms_;
    }
    // What was before is not counted.
    void begin() {
        finish();
        longest_ms_ = 0;
    }

    void come(const std::string& id, bool clean_start, std::string_view filter) {
        connection_ = std::make_unique<Connection>(
            broker_, sink_, broker_.limits(), broker_.stats(), ClientAddress{}, now_);
        PropertyList properties;
        properties.add<PropertyId::session_expiry_interval>(1'000);
        say(Connect{.client_id = id, .clean_start = clean_start, .properties = properties.view()});
        const SubscribeOptions one{.qos = Qos::at_least_once};
        if (!filter.empty()) say(Subscribe{.packet_id = 1, .entries = {{filter, one}}});
    }
    void leave() { connection_->on_closed(now_); }
    void fill_queue(std::uint32_t expiry_s) {
        come("a", true, "t");
        leave();
        for (int i = 0; i < kMessages; ++i) {
            broker_.publish({.topic = "t",
                             .payload = bytes_of("a payload of a usual length"),
                             .qos = Qos::at_least_once,
                             .expiry_s = expiry_s},
                            now_);
            if (i % 1'000 == 0) turn([] {});
        }
    }
    void pass(Duration time) { now_ += time; }

  private:
    void say(const Packet& packet) {
        Bytes bytes;
        encode_packet(packet, Version::v5, bytes);
        connection_->on_bytes(bytes, now_);
    }

    Instant now_ = from_unix_us(1'700'000'000'000'000);
    store::TemporaryFolder folder_;
    store::LmdbLog log_{folder_.path()};
    store::Store store_{kTables, log_};
    Everybody everybody_;
    Broker broker_{store_, {}, crypto::seeded_random(1), everybody_, nullptr, now_};
    Sink sink_;
    std::unique_ptr<Connection> connection_;
    double longest_ms_ = 0;
};

void erase_a_session_of_100k_messages(benchmark::State& state) {
    for (auto _ : state) {
        Turns turns;
        turns.fill_queue(2'000);
        turns.begin();
        turns.turn([&] { turns.come("a", true, {}); });
        state.counters["longest_turn_ms"] = turns.longest_ms();
    }
}
BENCHMARK(erase_a_session_of_100k_messages)->Unit(benchmark::kMillisecond)->Iterations(1);

// The backlog has expired (0), or goes out as far as the window allows (1).
void come_back_to_100k_messages(benchmark::State& state) {
    for (auto _ : state) {
        Turns turns;
        turns.fill_queue(state.range(0) == 0 ? 10 : 2'000);
        turns.begin();
        if (state.range(0) == 0) turns.pass(std::chrono::seconds(100));
        turns.turn([&] { turns.come("a", false, {}); });
        state.counters["longest_turn_ms"] = turns.longest_ms();
    }
}
BENCHMARK(come_back_to_100k_messages)
    ->Arg(0)
    ->Arg(1)
    ->ArgNames({"valid"})
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

void ten_thousand_sessions_expire(benchmark::State& state) {
    for (auto _ : state) {
        Turns turns;
        for (int i = 0; i < 10'000; ++i) {
            const std::string id = "client-" + std::to_string(i);
            turns.come(id, true, "devices/" + id + "/commands");
            turns.leave();
            if (i % 1'000 == 0) turns.turn([] {});
        }
        turns.begin();
        turns.pass(std::chrono::seconds(1'000));
        state.counters["longest_turn_ms"] = turns.longest_ms();
    }
}
BENCHMARK(ten_thousand_sessions_expire)->Unit(benchmark::kMillisecond)->Iterations(1);

}  // namespace
