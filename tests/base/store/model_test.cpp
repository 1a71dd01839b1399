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

class Walk {
  public:
    explicit Walk(unsigned seed) : random_(seed) {}
    virtual ~Walk() = default;

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
        REQUIRE(store_->close(now_));
        end_and_start();
        check_all();
    }

  protected:
    virtual void open_log() = 0;
    virtual CommitLog& log() = 0;
    // Lets the commit in flight, if there is one, become durable.
    virtual void finish_append() = 0;
    // Ends the process: true: the commit in flight is stored.
    virtual bool end() = 0;

    int below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
    bool in_flight_ = false;
    std::unique_ptr<Store> store_;

  private:
    void start() {
        open_log();
        store_ = std::make_unique<Store>(kTables, log());
        store_->on_durable([this](Position position) {
            REQUIRE(position == durable_position_ + 1);
            durable_position_ = position;
            durable_ = std::move(flying_);
            in_flight_ = false;
        });
        REQUIRE(store_->durable() == durable_position_);
    }

    void end_and_start() {
        if (end()) {
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
            durable_.events[static_cast<std::size_t>(below(static_cast<int>(durable_.events.size())))]
                .first.position;
        std::uint64_t before = store_->event_log_size().events;
        while (store_->trim_events({below_position, 0}, {})) {
        }
        std::erase_if(current_.events, [&](const auto& event) {
            return event.first.position < below_position;
        });
        dirty_ = dirty_ || before != current_.events.size();
        REQUIRE(store_->event_log_size().events == current_.events.size());
    }

    void flush() {
        now_ += std::chrono::seconds(1);
        const bool starts = !in_flight_ && dirty_;
        if (starts) {
            flying_ = current_;
            in_flight_ = true;
            dirty_ = false;
        }
        store_->flush(now_);
    }

    void answer() {
        finish_append();
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

    std::mt19937 random_;
    Instant now_ = from_unix_us(0);
    Position durable_position_ = 0;
    Model durable_;  // on the disk
    Model flying_;   // when the commit in flight is durable
    Model current_;  // what reads see
    bool dirty_ = false;
};

class MemoryWalk final : public Walk {
  public:
    using Walk::Walk;

  private:
    void open_log() override {}
    CommitLog& log() override { return log_; }
    void finish_append() override {
        if (log_.in_flight()) log_.step();
    }
    bool end() override {
        const bool stored = in_flight_ && below(2) == 0;
        log_.crash(stored ? MemoryLog::Crash::after_commit : MemoryLog::Crash::before_commit);
        store_.reset();
        return stored;
    }
    MemoryLog log_{MemoryLog::Answers::when_stepped};
};

class LmdbWalk final : public Walk {
  public:
    using Walk::Walk;

  private:
    void open_log() override {
        log_.reset();
        log_ = std::make_unique<LmdbLog>(folder_.path(), LmdbOptions{.map_bytes = 1u << 20});
    }
    CommitLog& log() override { return *log_; }
    void finish_append() override { log_->wait(); }
    bool end() override {
        const bool stored = in_flight_;  // the destructor of the store waits for it
        store_.reset();
        return stored;
    }
    TemporaryFolder folder_;
    std::unique_ptr<LmdbLog> log_;
};

}  // namespace

TEST_CASE("random transactions, crashes and scans agree with a map, in memory", "[store]") {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        INFO("seed " << seed);
        MemoryWalk(seed).run(2000);
    }
}

TEST_CASE("random transactions, starts and scans agree with a map, on the disk", "[store]") {
    for (unsigned seed = 1; seed <= 3; ++seed) {
        INFO("seed " << seed);
        LmdbWalk(seed).run(1500);
    }
}
