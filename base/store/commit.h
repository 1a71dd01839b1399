// A commit: the ordered changes that become durable together, as a value that can be stored, sent
// to another machine and applied there.
//
// A key stands in it once: a later change of the same key takes the place of the earlier one.  As
// bytes (all integers big-endian):
//
//   | version=1 : 1 | position : 8 | epoch : 8 | time, µs : 8 | number of changes : 4 | changes...
//   | change: | table : 1 | kind : 1 | partition : 2 | key size : 2 | key |  and, where kind is 1
//   (put),
//           | value size : 4 | value |      kind 0 erases
#pragma once

#include "base/result.h"
#include "base/store/arena.h"
#include "base/store/commit_log.h"

#include <vector>

namespace helio::store {

class Commit {
  public:
    Commit() = default;
    Commit(Commit&&) = default;
    Commit& operator=(Commit&&) = default;

    Position position = 0;
    std::uint64_t epoch = 0;  // of the writer: grows with each start and each change of hands
    Instant time{};

    std::span<const Change> changes() const { return changes_; }
    bool empty() const { return changes_.empty(); }
    std::size_t bytes() const { return arena_.used() + changes_.size() * sizeof(Change); }

    // For the builder of the commit, which sees to it that a key is added once.  `add` copies the
    // key; values are put into `space`, which does not move until clear().
    std::uint8_t* space(std::size_t size) { return arena_.allocate(size); }
    ByteView copy(ByteView bytes);
    void add(std::uint8_t table, Slot partition, ByteView key, std::optional<ByteView> value);
    Change& change(std::size_t index) { return changes_[index]; }
    void drop_last() { changes_.pop_back(); }
    void clear();

  private:
    std::vector<Change> changes_;
    Arena arena_;
};

Bytes encode_commit(const Commit& commit);

enum class CommitError : std::uint8_t {
    truncated,
    unknown_version,
    bad_change,  // a kind that does not exist, or a key that is empty or too long
    trailing_bytes,
};
// The commit owns a copy of what it needs.
Result<Commit, CommitError> parse_commit(ByteView bytes);

}  // namespace helio::store
