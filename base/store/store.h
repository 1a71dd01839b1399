// The state of the server: ordered tables of bytes, changed in transactions, made durable in
// groups.
//
// Lives on the loop thread.  Reads see every change at once; what a change makes visible to others
// (a message, an acknowledgement, a transmission) must wait until the commit that holds it is
// durable: ask Transaction::commit() for the position and release effects at on_durable.
#pragma once

#include "base/store/commit_log.h"
#include "base/store/table.h"
#include "base/time.h"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace helio::store {

class Store;
class EventCursor;  // base/store/event_cursor.h

// The changes of one input, all or nothing, for one partition.  Dropped without commit() they never
// happened.  One transaction is open at a time, and none across flush().
class Transaction {
  public:
    Transaction(Transaction&& other) noexcept : store_(other.store_), partition_(other.partition_) {
        other.store_ = nullptr;
    }
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    // Reads through to the store; sees this transaction's own changes.
    std::optional<ByteView> get(const TableSpec& table, ByteView key) const;
    void scan(const TableSpec& table, ByteView prefix, ByteView from, Row row) const;
    void put(const TableSpec& table, ByteView key, ByteView value);
    // As put, but the caller writes the value itself, before anything else is called.
    std::span<std::uint8_t> put_space(const TableSpec& table, ByteView key, std::size_t size);
    void erase(const TableSpec& table, ByteView key);

    // Appends to the event log; the sequence is (position of the commit, index in it).
    Sequence append_event(ByteView event);
    // As append_event, but the caller writes the event itself into `space`, before anything else.
    struct EventSpace {
        Sequence sequence;
        std::span<std::uint8_t> space;
    };
    EventSpace append_event_space(std::size_t size);

    // The position whose durability makes all of this permanent, and everything that was read.  It
    // is durable already, and on_durable will not come for it, where nothing at all is pending.
    Position commit();

    const Store& store() const { return *store_; }

  private:
    friend class Store;
    Transaction(Store& store, Slot partition) : store_(&store), partition_(partition) {}
    Store* store_;  // null: committed, or moved from
    Slot partition_;
};

struct StoreLimits {
    // Changes not yet durable; above it: overloaded().
    std::size_t max_pending_bytes = 64u << 20;
    // A log that could not write is asked again after this time.
    Duration retry_after = std::chrono::milliseconds(250);
    // Under load a commit is held back for up to this time so that it holds more: the work of a
    // commit goes by the pages that it touches, and soon by far the most of them are touched
    // anyway. How long, goes by the transactions of the commit before; few of them are not held at
    // all.
    Duration max_hold{0};
};

struct StoreStats {
    std::uint64_t transactions = 0;
    std::uint64_t commits = 0;         // durable
    std::uint64_t failed_appends = 0;  // each is retried
    mutable std::uint64_t corrupt_rows =
        0;  // counted where a value is parsed: base/store/typed_table.h
};

class Store {
  public:
    // Throws std::runtime_error with one sentence where two tables share an id or a name, or the
    // log cannot be opened (in use, damaged, of a newer format).
    Store(std::span<const TableSpec> tables, CommitLog& log, StoreLimits limits = {});
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // The view is valid until that key is changed, or the next flush() or poll().
    std::optional<ByteView> get(const TableSpec& table, ByteView key) const;

    // Calls `row(key, value)` in key order for keys that begin with `prefix` and are >= `from`,
    // until it answers false.  `row` must not change the store; it may read it.  With a prefix of
    // two bytes or more (a slot) it costs what it finds and what is pending in that slot; with a
    // shorter one, all that is pending.
    using Row = store::Row;
    void scan(const TableSpec& table, ByteView prefix, ByteView from, Row row) const;

    Transaction begin(Slot partition);

    // At the end of a loop turn: hands the filling commit to the log, if none is in flight.
    // `now` is stored as the commit's time.  Cheap where there is nothing to do.
    void flush(Instant now);

    // When to call flush() again, though nothing else happens: a commit is held, the log is to be
    // tried again, or a cursor saved.
    std::optional<Instant> wake_at() const;

    // On the loop thread after the log's notify: takes the log's answers and calls on_durable.
    // flush() does the same first.
    void poll();
    // At the end of the process: waits until everything is durable.  False: the log refuses, and
    // the rest is lost.
    bool close(Instant now);
    // Called with the highest durable position; every effect at or below it may leave.  It may
    // begin transactions, but neither flush nor poll.
    void on_durable(std::function<void(Position)> callback);

    Position filling() const;  // the position that a commit() with changes now would answer
    Position durable() const;
    Instant last_commit_time() const;  // of the data found at start: now = max(clock, this)

    bool overloaded() const;  // new cheap work should be refused
    // The log could not write (disk full ...): nothing is lost, flush() tries again when it is
    // time.
    bool stalled() const;
    // Another writer owns the data, or it is not known what is stored: nothing will become durable
    // here any more, and the process has to start again from what is.
    bool fenced() const;
    std::string_view trouble() const;  // what the log said, for a person; empty when all is well
    const StoreStats& stats() const;

    // The event log: calls `event(sequence, bytes)` from `from` on, in order, until it answers
    // false. Sees pending events too: who hands events on stops behind durable().
    using EventRow = FunctionRef<bool(Sequence, ByteView)>;
    void read_events(Sequence from, EventRow event) const;
    // One event; absent where it was trimmed.
    std::optional<ByteView> event(Sequence sequence) const;

    // What the event log holds, pending events included.
    struct EventLogSize {
        std::uint64_t events = 0;
        std::uint64_t bytes = 0;
    };
    EventLogSize event_log_size() const;
    // Drops the oldest events, of whole commits below that of `below` and before every EventCursor,
    // while the log has more events or more bytes than `keep`.  A bounded number a call; true:
    // there are more to drop.  To be called once a turn, outside transactions.
    bool trim_events(Sequence below, EventLogSize keep);

  private:
    friend class Transaction;
    friend class EventCursor;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace helio::store
