// Random transactions, crashes and starts, against a std::map that does what the store promises.
#include "base/store/lmdb/lmdb_log.h"
#include "base/store/memory_log.h"
#include "base/store/store.h"
#include "tests/base/store/temporary_folder.h"
#include "tests/support/catch.h"

#include <map>
#include <random>

using namespace helio;
using namespace helio::store;

namespace {

constexpr TableSpec kTables[] = {{1, "slotted", PartitionedBy::dev_eui},
                                 {2, "global", PartitionedBy::global},
                                 {3, "more", PartitionedBy::topic}};

// What a store holds after a commit.
struct Model {
    std::map<std::pair<int, std::string>, std::string> rows;
    std::vector<std::pair<Sequence, std::string>> events;
};

// Outlives the stores on it.
class Disk {
  public:
    virtual ~Disk() = default;
    virtual CommitLog& open() = 0;
    // Lets the commit in flight, if there is one, become durable.
    virtual void finish_append() = 0;
    // Ends the process that has the store.  True: the commit in flight is stored.
    virtual bool end(std::unique_ptr<Store>& store, bool in_flight, bool wish_stored) = 0;
};

class Walk {
  public:
    Walk(Disk& disk, unsigned seed) : disk_(disk), random_(seed) {}

    void run(int steps) {
        start();
        for (int i = 0; i < steps; ++i) {
            const int dice = below(100);
            if (dice < 70) {
                transact();
            } else if (dice < 80) {
                flush();
            } else if (dice < 90) {
                answer();
            } else if (dice < 92) {
                trim();
            } else if (dice < 93) {
                end_and_start();
            } else {
                check_some();
            }
        }
        check_all();
        while (dirty_ || in_flight_) {
            flush();
            answer();
        }
        end_and_start();
        REQUIRE(durable_position_ == store_->durable());
    }

  private:
    void start() {
        store_ = std::make_unique<Store>(kTables, disk_.open());
        store_->on_durable([this](Position position) {
            REQUIRE(position == durable_position_ + 1);
            durable_position_ = position;
            durable_ = std::move(flying_);
            in_flight_ = false;
        });
        REQUIRE(store_->durable() == durable_position_);
    }

    void end_and_start() {
        if (disk_.end(store_, in_flight_, below(2) == 0)) {
            durable_ = std::move(flying_);
            ++durable_position_;
        }
        in_flight_ = false;
        current_ = durable_;
        dirty_ = false;
        start();
        check_all();
    }

    std::string random_key() {
        // Few keys, some longer, so that they meet often and share beginnings.
        std::string key;
        for (int size = 1 + below(4); size > 0; --size) key += static_cast<char>('a' + below(3));
        return key;
    }

    void transact() {
        Model after = current_;
        bool changed = false;
        {
            auto tx = store_->begin(0);
            for (int n = below(4); n > 0; --n) {
                const TableSpec& table = kTables[below(3)];
                const std::string key = random_key();
                changed = true;
                if (below(3) == 0) {
                    tx.erase(table, bytes_of(key));
                    after.rows.erase({table.id, key});
                } else {
                    const std::string value(static_cast<std::size_t>(below(60)), 'v');
                    tx.put(table, bytes_of(key), bytes_of(value));
                    after.rows[{table.id, key}] = value;
                }
                const auto read = tx.get(table, bytes_of(key));
                REQUIRE(read.has_value() == after.rows.contains({table.id, key}));
            }
            if (below(2) == 0) {
                const std::string event(static_cast<std::size_t>(below(9000)), 'e');
                after.events.emplace_back(tx.append_event(bytes_of(event)), event);
                changed = true;
            }
            if (below(5) == 0) return;  // dropped
            REQUIRE(tx.commit() <= store_->filling());
        }
        current_ = std::move(after);
        dirty_ = dirty_ || changed;
    }

    void trim() {
        if (durable_.events.empty()) return;
        const Position below_position =
            durable_
                .events[static_cast<std::size_t>(below(static_cast<int>(durable_.events.size())))]
                .first.position;
        std::uint64_t before = store_->event_log_size().events;
        while (store_->trim_events({below_position, 0}, {})) {
        }
        std::erase_if(current_.events,
                      [&](const auto& event) { return event.first.position < below_position; });
        dirty_ = dirty_ || before != current_.events.size();
        REQUIRE(store_->event_log_size().events == current_.events.size());
    }

    void flush() {
        now_ += std::chrono::seconds(1);
        store_->poll();
        if (in_flight_) return;  // it may end at any moment, and then flush() starts the next one
        if (dirty_) {
            flying_ = current_;
            in_flight_ = true;
            dirty_ = false;
        }
        store_->flush(now_);
    }

    void answer() {
        disk_.finish_append();
        store_->poll();
        REQUIRE_FALSE(in_flight_);
    }

    void check_some() {
        const TableSpec& table = kTables[below(3)];
        const std::string key = random_key();
        const auto value = store_->get(table, bytes_of(key));
        const auto expected = current_.rows.find({table.id, key});
        REQUIRE(value.has_value() == (expected != current_.rows.end()));
        if (value) REQUIRE(text_of(*value) == expected->second);
        check_scan(table, key.substr(0, static_cast<std::size_t>(below(4))), random_key());
    }

    void check_scan(const TableSpec& table, const std::string& prefix, const std::string& from) {
        auto expected = current_.rows.lower_bound({table.id, std::max(prefix, from)});
        const auto at_end = [&] {
            return expected == current_.rows.end() || expected->first.first != table.id ||
                   !expected->first.second.starts_with(prefix);
        };
        store_->scan(table, bytes_of(prefix), bytes_of(from), [&](ByteView key, ByteView value) {
            REQUIRE_FALSE(at_end());
            REQUIRE(text_of(key) == expected->first.second);
            REQUIRE(text_of(value) == expected->second);
            ++expected;
            return true;
        });
        REQUIRE(at_end());
    }

    void check_all() {
        for (const TableSpec& table : kTables) check_scan(table, "", "");
        std::size_t i = 0;
        store_->read_events({}, [&](Sequence at, ByteView event) {
            REQUIRE(i < current_.events.size());
            REQUIRE(at == current_.events[i].first);
            REQUIRE(text_of(event) == current_.events[i].second);
            ++i;
            return true;
        });
        REQUIRE(i == current_.events.size());
        REQUIRE(store_->event_log_size().events == i);
    }

    int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }

    Disk& disk_;
    std::mt19937 random_;
    std::unique_ptr<Store> store_;
    bool in_flight_ = false;
    Instant now_ = from_unix_us(0);
    Position durable_position_ = 0;
    Model durable_;  // on the disk
    Model flying_;   // when the commit in flight is durable
    Model current_;  // what reads see
    bool dirty_ = false;
};

class MemoryDisk final : public Disk {
  public:
    CommitLog& open() override { return log_; }
    void finish_append() override {
        if (log_.in_flight()) log_.step();
    }
    bool end(std::unique_ptr<Store>& store, bool in_flight, bool wish_stored) override {
        const bool stored = in_flight && wish_stored;
        log_.crash(stored ? MemoryLog::Crash::after_commit : MemoryLog::Crash::before_commit);
        store.reset();
        return stored;
    }

  private:
    MemoryLog log_{MemoryLog::Answers::when_stepped};
};

class LmdbDisk final : public Disk {
  public:
    CommitLog& open() override {
        log_ = std::make_unique<LmdbLog>(folder_.path(), LmdbOptions{.map_bytes = 1u << 20});
        return *log_;
    }
    void finish_append() override { log_->wait(); }
    bool end(std::unique_ptr<Store>& store, bool in_flight, bool) override {
        store.reset();  // waits for the commit in flight
        log_.reset();
        return in_flight;
    }

  private:
    TemporaryFolder folder_;
    std::unique_ptr<LmdbLog> log_;
};

}  // namespace

TEST_CASE("random transactions, crashes and scans agree with a map, in memory", "[store]") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        INFO("seed " << seed);
        MemoryDisk disk;
        Walk(disk, seed).run(2000);
    }
}

TEST_CASE("random transactions, starts and scans agree with a map, on the disk", "[store]") {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        INFO("seed " << seed);
        LmdbDisk disk;
        Walk(disk, seed).run(1000);
    }
}
