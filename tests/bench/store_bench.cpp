// What a transaction, a read and a commit cost.
#include "base/big_endian.h"
#include "base/store/lmdb/lmdb_log.h"
#include "base/store/memory_log.h"
#include "base/store/store.h"
#include "tests/base/store/temporary_folder.h"

#include <benchmark/benchmark.h>
#include <fstream>
#include <random>

using namespace helio;
using namespace helio::store;

namespace {

constexpr TableSpec kSessions{1, "sessions", PartitionedBy::dev_addr};
constexpr TableSpec kTables[] = {kSessions};

using Key = std::array<std::uint8_t, 14>;

// As session keys are: slot, DevAddr, DevEUI.
Key key_of(std::uint64_t device) {
    Key key;
    store_big_endian(key.data() + 2, static_cast<std::uint32_t>(0x2600'0000 + device));
    store_big_endian(key.data() + 6, device);
    store_big_endian(key.data(), slot_of(ByteView(key).subspan(2, 4)));
    return key;
}

std::uint64_t bytes_written() {
    std::ifstream io("/proc/self/io");
    for (std::string name; io >> name;) {
        std::uint64_t value = 0;
        io >> value;
        if (name == "wchar:") return value;
    }
    return 0;
}

struct Devices {
    explicit Devices(std::uint64_t n) : count(n) {}
    Key next() { return key_of(random() % count); }
    std::uint64_t count;
    std::mt19937_64 random{1};
};

void transact(Store& store, const Key& key, ByteView value, ByteView event) {
    auto tx = store.begin(load_big_endian<Slot>(key.data()));
    tx.put(kSessions, key, value);
    if (!event.empty()) tx.append_event(event);
    tx.commit();
}

void fill(Store& store, LmdbLog& log, std::uint64_t rows) {
    const Bytes value(100, 1);
    for (std::uint64_t i = 0; i < rows; ++i) {
        transact(store, key_of(i), value, {});
        if (i % 100'000 == 99'999 || i + 1 == rows) {
            store.flush(Instant{});
            log.wait();
            store.poll();
        }
    }
}

struct OnDisk {
    explicit OnDisk(std::uint64_t rows) { fill(store, log, rows); }
    TemporaryFolder folder;
    LmdbLog log{folder.path()};
    Store store{kTables, log};
};

void transaction(benchmark::State& state) {
    MemoryLog log(MemoryLog::Answers::when_stepped);
    Store store(kTables, log);
    Devices devices(10'000);
    const Bytes value(100, 1);
    const Bytes event(300, 2);
    std::vector<Key> keys;
    for (int i = 0; i < 10'000; ++i) keys.push_back(devices.next());
    std::size_t i = 0;
    for (auto _ : state) {
        transact(store, keys[i], value, event);
        if (++i < 2000) continue;
        state.PauseTiming();
        i = 0;
        store.flush(Instant{});
        log.step();
        store.poll();
        state.ResumeTiming();
    }
}
BENCHMARK(transaction);

void get_pending(benchmark::State& state) {
    MemoryLog log(MemoryLog::Answers::when_stepped);
    Store store(kTables, log);
    Devices devices(2000);
    const Bytes value(100, 1);
    for (std::uint64_t i = 0; i < devices.count; ++i) transact(store, key_of(i), value, {});
    store.flush(Instant{});
    for (auto _ : state) benchmark::DoNotOptimize(store.get(kSessions, devices.next()));
}
BENCHMARK(get_pending);

void get_from_disk(benchmark::State& state) {
    OnDisk disk(static_cast<std::uint64_t>(state.range(0)));
    Devices devices(static_cast<std::uint64_t>(state.range(0)));
    for (auto _ : state) benchmark::DoNotOptimize(disk.store.get(kSessions, devices.next()));
}
BENCHMARK(get_from_disk)->Arg(10'000)->Arg(1'000'000);

// As one uplink finds the sessions at its address.
void scan_prefix_on_disk(benchmark::State& state) {
    OnDisk disk(static_cast<std::uint64_t>(state.range(0)));
    Devices devices(static_cast<std::uint64_t>(state.range(0)));
    const Bytes value(100, 1);
    for (int i = 0; i < 1000; ++i) transact(disk.store, devices.next(), value, {});
    for (auto _ : state) {
        const Key key = devices.next();
        std::size_t found = 0;
        disk.store.scan(kSessions, ByteView(key).first(6), {}, [&](ByteView, ByteView row) {
            found += row.size();
            return true;
        });
        benchmark::DoNotOptimize(found);
    }
}
BENCHMARK(scan_prefix_on_disk)->Arg(10'000)->Arg(1'000'000);

// Transactions of one put and one event, handed to the log in commits of `range(1)`: one commit is
// written while the next one fills.
void sustained(benchmark::State& state) {
    OnDisk disk(static_cast<std::uint64_t>(state.range(0)));
    Devices devices(static_cast<std::uint64_t>(state.range(0)));
    const auto per_commit = state.range(1);
    const Bytes value(100, 1);
    const Bytes event(static_cast<std::size_t>(state.range(2)), 2);
    const LmdbStats before = disk.log.stats();
    const std::uint64_t written_before = bytes_written();
    for (auto _ : state) {
        for (std::int64_t i = 0; i < per_commit; ++i) {
            transact(disk.store, devices.next(), value, event);
        }
        disk.log.wait();
        disk.store.flush(Instant{});
        // The history is bounded: as many events go as come.
        const Position durable = disk.store.durable();
        if (durable > 200) disk.store.trim_events({durable - 200, 0}, {});
    }
    disk.store.close(Instant{});
    const LmdbStats after = disk.log.stats();
    const auto n = static_cast<double>(state.iterations() * per_commit);
    state.SetItemsProcessed(state.iterations() * per_commit);
    state.counters["bytes/tx"] = static_cast<double>(bytes_written() - written_before) / n;
    state.counters["writer_cpu_us/tx"] = static_cast<double>(after.cpu_us - before.cpu_us) / n;
    state.counters["writer_busy_us/tx"] = static_cast<double>(after.busy_us - before.busy_us) / n;
    state.counters["file_MB"] = static_cast<double>(after.file_bytes) / 1e6;
}
BENCHMARK(sustained)
    ->ArgNames({"keys", "per_commit", "event"})
    ->Args({10'000, 1, 300})
    ->Args({10'000, 50, 300})
    ->Args({10'000, 500, 0})
    ->Args({10'000, 500, 300})
    ->Args({10'000, 2000, 300})
    ->Args({1'000'000, 500, 0})
    ->Args({1'000'000, 500, 300})
    ->Args({1'000'000, 2000, 300})
    ->UseRealTime();

}  // namespace
