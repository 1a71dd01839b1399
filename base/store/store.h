// The state of the server: ordered tables of bytes, changed in transactions, made durable in groups.
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

namespace helio::store {

class Store;

// The changes of one input, all or nothing, for one partition.  Collected here; they enter the
// store, in order, at commit().  Dropped without commit() they never happened.
class Transaction {
  public:
    Transaction(Transaction&&) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    // Reads through to the store; sees this transaction's own changes.
    std::optional<ByteView> get(const TableSpec& table, ByteView key) const;
    void put(const TableSpec& table, ByteView key, ByteView value);
    void erase(const TableSpec& table, ByteView key);

    // Appends to the event log; the sequence is (position of the commit, index in it).
    Sequence append_event(ByteView event);

    // The position whose durability makes all of this permanent.
    Position commit();

  private:
    friend class Store;
    explicit Transaction(Store& store, Slot partition);
    struct State;
    std::unique_ptr<State> state_;
};

struct StoreLimits {
    std::size_t max_pending_bytes = 64u << 20;  // changes not yet durable; above it: overloaded()
};

class Store {
  public:
    // Throws std::runtime_error with one sentence where two tables share an id, or the log's data is
    // of a newer format.
    Store(std::span<const TableSpec> tables, CommitLog& log, StoreLimits limits = {});
    ~Store();
    Store(const Store&) = delete;
    Store& operator=(const Store&) = delete;

    // The view is valid until the next change, flush() or poll().
    std::optional<ByteView> get(const TableSpec& table, ByteView key) const;

    // Calls `row(key, value)` in key order for keys that begin with `prefix` and are >= `from`, until
    // it answers false.  `row` must not change the store.
    using Row = std::function<bool(ByteView key, ByteView value)>;
    void scan(const TableSpec& table, ByteView prefix, ByteView from, const Row& row) const;

    Transaction begin(Slot partition);

    // At the end of a loop turn: hands the filling commit to the log, if none is in flight.
    // `now` is stored as the commit's time.
    void flush(Instant now);

    // On the loop thread after the log's notify: takes the log's answers and calls on_durable.
    void poll();
    // Called with the highest durable position; every effect at or below it may leave.
    void on_durable(std::function<void(Position)> callback);

    Position filling() const;   // the position that a commit() now would answer
    Position durable() const;
    Instant last_commit_time() const;  // of the data found at start: now = max(clock, this)

    bool overloaded() const;    // new cheap work should be refused
    bool stalled() const;       // the log could not write (disk full ...): it is retried, nothing is lost

    // The event log: calls `event(sequence, bytes)` from `from` on, in order, until it answers false.
    using EventRow = std::function<bool(Sequence, ByteView)>;
    void read_events(Sequence from, const EventRow& event) const;
    // Drops events below `below`, a bounded number a call.
    void trim_events(Sequence below);

  private:
    friend class Transaction;
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace helio::store
