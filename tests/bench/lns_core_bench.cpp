// What one uplink costs in the network server: from the gateway's message to the event and the
// changes of the transaction, with 10,000 devices on disk; and deduplication alone.  Commits are
// outside of the measured time, as they are on the writer thread in the program.
#include "base/store/lmdb/lmdb_log.h"
#include "lns/uplink/deduplicator.h"
#include "tests/base/store/temporary_folder.h"
#include "tests/lns/network.h"

#include <benchmark/benchmark.h>

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

namespace {

constexpr std::uint32_t kDevices = 10'000;
constexpr std::size_t kTurn = 500;  // uplinks between two commits

struct Field {
    store::TemporaryFolder folder;
    store::LmdbLog log{folder.path()};
    store::Store store{kTables, log};
    Registry registry{store};
    Outbox outbox;
    std::vector<DeviceSide> devices;
    std::vector<Bytes> frames;
    Instant now = from_unix_us(1'800'000'000'000'000);

    Field() {
        auto profile = Owner::device_profile();
        registry.create(profile);
        registry.create(Owner::gateway(1));
        for (std::uint32_t i = 1; i <= kDevices; ++i) {
            const std::uint64_t dev_eui = 0x2233'0000'0000u + i;
            const std::uint32_t addr = 0x0100'0000u + i * 2654435761u % 0x00ff'ffffu;
            registry.create(Owner::abp(dev_eui, addr));
            devices.push_back(DeviceSide::abp(dev_eui, addr));
        }
        commit();
        make_frames();
    }
    void commit() {
        store.flush(now);
        log.wait();
        store.poll();
    }
    void make_frames() {
        frames.clear();
        for (DeviceSide& d : devices) {
            frames.push_back(d.uplink({.fport = 2, .data = Bytes(20, 0x55), .adr = true}));
        }
    }
    GatewayUplink uplink(std::size_t i) const {
        return {.path = {Eui64::from_value(1)},
                .phy_payload = frames[i],
                .frequency_hz = 868'100'000,
                .modulation = LoraModulation{125'000, 7},
                .rssi_dbm = -100,
                .snr_db = 2.5f,
                .counter_us = static_cast<std::uint32_t>(to_unix_us(now))};
    }
};

// Every frame waits for no other copy: its only usual gateway has reported.  The devices have
// answered the MAC layer's questions, or never do.
void uplink_to_event(benchmark::State& state) {
    const bool obedient = state.range(0) != 0;
    Field field;
    NetworkServer server({}, field.registry, crypto::seeded_random(1), field.outbox);
    std::size_t next = 0;
    const auto turn = [&] {
        server.on_time(field.now);
        field.commit();
        for (auto& d : field.outbox.send_downlink) {
            server.on_tx_ack({d.downlink.path.gateway, d.downlink.downlink_id}, field.now);
            field.devices[0].receive(d.downlink.phy_payload);
        }
        field.outbox.send_downlink.clear();
        field.outbox.publish_event.clear();
    };
    const auto round = [&](std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) server.on_uplink(field.uplink(next++), field.now);
    };
    // Answers the MAC layer's first questions for all devices, so that the steady state is
    // measured.
    for (int settle = 0; settle < 12; ++settle) {
        std::vector<Bytes> answers(kDevices);
        for (next = 0; next < kDevices;) {
            field.now += std::chrono::milliseconds(300);
            server.on_uplink(field.uplink(next++), field.now);
            field.now += std::chrono::milliseconds(250);
            server.on_time(field.now);
            for (auto& d : field.outbox.send_downlink) {
                server.on_tx_ack({d.downlink.path.gateway, d.downlink.downlink_id}, field.now);
                if (!obedient) continue;
                if (const auto r = field.devices[next - 1].receive(d.downlink.phy_payload)) {
                    answers[next - 1] = DeviceSide::answers_to(r->commands);
                }
            }
            field.outbox.send_downlink.clear();
            field.outbox.publish_event.clear();
        }
        turn();
        field.frames.clear();
        for (std::size_t i = 0; i < kDevices; ++i) {
            field.frames.push_back(field.devices[i].uplink(
                {.fport = 2, .data = Bytes(20, 0x55), .fopts = answers[i], .adr = true}));
        }
        field.now += std::chrono::minutes(10);
    }
    next = 0;
    while (state.KeepRunningBatch(kTurn)) {
        round(kTurn);
        state.PauseTiming();
        field.now += std::chrono::milliseconds(10);
        turn();
        if (next == kDevices) {
            next = 0;
            field.now += std::chrono::minutes(10);
            field.make_frames();
        }
        state.ResumeTiming();
    }
    state.counters["accepted"] = static_cast<double>(server.stats().accepted);
    state.counters["downlinks"] = static_cast<double>(server.stats().downlinks_planned);
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(uplink_to_event)->ArgName("answers")->Arg(1)->Arg(0)->Unit(benchmark::kNanosecond);

void deduplicate(benchmark::State& state) {
    const auto copies = static_cast<std::uint64_t>(state.range(0));
    Deduplicator deduplicator({}, 1);
    Bytes phy(33, 0x40);
    GatewayUplink up{.phy_payload = phy, .modulation = LoraModulation{125'000, 7}};
    Instant now{};
    std::uint32_t number = 0;
    std::uint64_t handled = 0;
    for (auto _ : state) {
        ++number;
        std::memcpy(&phy[1], &number, 4);
        std::memcpy(&phy[20], &number, 4);
        for (std::uint64_t gateway = 0; gateway < copies; ++gateway) {
            up.path.gateway = Eui64::from_value(gateway);
            deduplicator.add(up, now);
        }
        now += std::chrono::microseconds(25);
        while (deduplicator.take(now).set != nullptr) ++handled;
    }
    state.counters["open"] = static_cast<double>(deduplicator.open_count());
    state.SetItemsProcessed(static_cast<std::int64_t>(handled));
}
BENCHMARK(deduplicate)->Arg(1)->Arg(3);

}  // namespace
