// Where commits go: LMDB on one machine, memory in tests, a replicated log in a cluster.
//
// A commit is a value: an ordered list of changes with its position, epoch and time.  One append is
// in flight at a time; the answer is durable, deposed or unknown, and after `unknown` nothing of
// the commit is emitted or used again.
#pragma once

#include "base/bytes.h"
#include "base/function_ref.h"
#include "base/store/table.h"
#include "base/time.h"

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

namespace helio::store {

// Commits are numbered from 1; 0 is "before everything".
using Position = std::uint64_t;

// The place of an event in the log: the commit that holds it, and its index in that commit.
struct Sequence {
    Position position = 0;
    std::uint32_t index = 0;
    friend constexpr auto operator<=>(const Sequence&, const Sequence&) = default;
};

struct Change {
    std::uint8_t table;
    Slot partition;
    ByteView key;
    std::optional<ByteView> value;  // absent: the row is erased
};

// A row that a scan found; the answer says whether to go on.
using Row = FunctionRef<bool(ByteView key, ByteView value)>;

class Commit;  // base/store/commit.h: a flat, serialisable list of Changes

enum class AppendOutcome : std::uint8_t {
    durable,
    deposed,  // another writer owns this data
    unknown,  // it may or may not be stored
    failed,   // surely not stored (disk full, I/O error); the same commit may be offered again
};
struct AppendAnswer {
    Position position;
    AppendOutcome outcome;
    std::string reason;  // for a person, where not durable
};

class CommitLog {
  public:
    virtual ~CommitLog() = default;

    // Called once by the store, with every table, before anything else.
    virtual void open(std::span<const TableSpec> tables) = 0;
    virtual Position last_position() const = 0;
    virtual Instant last_time() const = 0;
    // Of this writer: greater than that of every commit that is stored.
    virtual std::uint64_t epoch() const = 0;

    // Reads what was durable at the last take_answer.  Views are valid until the next append or
    // take_answer.
    virtual std::optional<ByteView> get(const TableSpec& table, ByteView key) const = 0;
    // In key order, from the first key >= `from` on.
    virtual void scan(const TableSpec& table, ByteView from, Row row) const = 0;

    // Starts an append; `commit` stays unchanged and alive until its answer is taken.
    virtual void append(const Commit& commit) = 0;
    virtual std::optional<AppendAnswer> take_answer() = 0;
    // `notify` is called when an answer may be ready, from any thread, also from within append.
    virtual void on_answer(std::function<void()> notify) = 0;
    // Blocks until the append in flight has its answer, or none is to be expected.
    virtual void wait() = 0;
};

}  // namespace helio::store
