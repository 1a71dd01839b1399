// A store on a log in memory, as verbs.
#pragma once

#include "base/store/memory_log.h"
#include "base/store/store.h"

#include <memory>
#include <string>
#include <vector>

namespace helio::store {

inline constexpr TableSpec kThings{1, "things", PartitionedBy::global};
inline constexpr TableSpec kOthers{2, "others", PartitionedBy::global};
inline constexpr TableSpec kTables[] = {kThings, kOthers};

struct StoreFixture {
    explicit StoreFixture(MemoryLog::Answers answers = MemoryLog::Answers::when_stepped)
        : log(answers) {
        start();
    }
    void start(StoreLimits limits = {}) {
        store.reset();
        store = std::make_unique<Store>(kTables, log, limits);
        store->on_durable([this](Position p) { durable.push_back(p); });
    }
    void crash(MemoryLog::Crash when) {
        log.crash(when);
        start();
    }
    Position put(std::string_view key, std::string_view value) {
        auto tx = store->begin(0);
        tx.put(kThings, bytes_of(key), bytes_of(value));
        return tx.commit();
    }
    Position erase(std::string_view key) {
        auto tx = store->begin(0);
        tx.erase(kThings, bytes_of(key));
        return tx.commit();
    }
    Sequence event(std::string_view text) {
        auto tx = store->begin(0);
        const Sequence sequence = tx.append_event(bytes_of(text));
        tx.commit();
        return sequence;
    }
    void flush() {
        now += std::chrono::milliseconds(1);
        store->flush(now);
    }
    void make_durable() {
        flush();
        log.step();
        store->poll();
    }
    std::string get(std::string_view key, const TableSpec& table = kThings) const {
        const auto value = store->get(table, bytes_of(key));
        return value ? std::string(text_of(*value)) : "(none)";
    }
    std::string scan(std::string_view prefix = "", std::string_view from = "") const {
        std::string out;
        store->scan(kThings, bytes_of(prefix), bytes_of(from), [&](ByteView key, ByteView value) {
            out += std::string(text_of(key)) + "=" + std::string(text_of(value)) + " ";
            return true;
        });
        return out;
    }
    std::string events(Sequence from = {}) const {
        std::string out;
        store->read_events(from, [&](Sequence at, ByteView bytes) {
            out += std::to_string(at.position) + "." + std::to_string(at.index) + "=" +
                   std::string(text_of(bytes)) + " ";
            return true;
        });
        return out;
    }

    MemoryLog log;
    std::unique_ptr<Store> store;
    std::vector<Position> durable;
    Instant now = from_unix_us(1'000'000);
};

}  // namespace helio::store
