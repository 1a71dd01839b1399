// What a Store is made of.  Inside base/store only.
#pragma once

#include "base/store/batch.h"
#include "base/store/event_cursor.h"
#include "base/store/event_row.h"
#include "base/store/own_tables.h"
#include "base/store/store.h"

namespace helio::store {

struct Store::State {
    State(CommitLog& l, StoreLimits lim) : log(l), limits(lim) {}

    CommitLog& log;
    StoreLimits limits;
    StoreStats stats;

    Batch batches[2];
    Batch* filling = &batches[0];
    Batch* in_flight = &batches[1];  // empty: the log has nothing of ours
    Position durable = 0;
    Instant last_time{};
    bool transaction_open = false;

    enum class Health { good, stalled, fenced } health = Health::good;
    std::string trouble;
    Instant now{};
    // A point of time to wait for; a clock that was set back ends the wait.
    struct Wait {
        Instant from;
        Instant until;
        bool is_over(Instant at) const { return at >= until || at < from; }
    };
    std::optional<Wait> retry;  // the log failed and has nothing of ours at the moment
    Wait hold{};                // of the filling batch
    std::uint64_t transactions_sealed = 0;
    bool polling = false;
    std::function<void(Position)> on_durable;

    // The event log: what the batch in flight leaves behind, and where it begins.
    EventLogSize events;
    EventLogSize events_trimmed;  // by the filling batch, which adds its own events at flush
    Sequence trim_from;           // all before it is gone

    static constexpr Duration kCursorsSavedWithin = std::chrono::seconds(1);
    std::vector<EventCursor*> cursors;
    std::optional<Instant> cursors_unsaved_since;

    // Scratch of scans, one a level of nesting.
    mutable std::vector<std::unique_ptr<std::vector<const Change*>>> scan_scratch;
    mutable std::size_t scan_depth = 0;

    Position filling_position() const { return durable + (in_flight->empty() ? 1 : 2); }
    const Change* find_pending(const TableSpec& table, ByteView key) const;
    std::optional<ByteView> get(const TableSpec& table, ByteView key) const;
    void gather(const TableSpec& table,
                ByteView prefix,
                ByteView from,
                std::vector<const Change*>& out) const;
    void scan(const TableSpec& table, ByteView prefix, ByteView from, Row row) const;

    void take_answers();
    void on_answer(const AppendAnswer& answer);
    bool has_work();
    void seal(Instant at);
    void put_own(std::string_view key, ByteView value);
    bool has_unsaved_cursor() const;
    bool cursors_are_due();
    void save_cursors();
    Sequence first_needed(Sequence below) const;
    void load_event_log();
    bool read_pending_events(const Batch& batch,
                             Position position,
                             Sequence from,
                             EventRow event) const;
};

}  // namespace helio::store
