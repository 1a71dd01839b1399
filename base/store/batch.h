// The changes that are not durable yet: a commit under construction, found by key.
//
// The store has two, one that fills and one that is in flight.  Inside base/store only.
#pragma once

#include "base/store/commit.h"

#include <vector>

namespace helio::store {

// Of a key in a table; computed once for both batches.
std::uint32_t hash_of(std::uint8_t table, ByteView key);

class Batch {
  public:
    Commit& commit() { return commit_; }
    const Commit& commit() const { return commit_; }
    bool empty() const { return commit_.empty() && event_rows_.empty(); }
    std::size_t bytes() const { return commit_.bytes(); }
    void clear();

    // Null where the key is unchanged by this batch.
    const Change* find(std::uint8_t table, ByteView key, std::uint32_t hash) const;

    // The changes of keys that begin with `prefix` and are >= `from`, in any order.
    void gather(std::uint8_t table,
                ByteView prefix,
                ByteView from,
                std::vector<const Change*>& out) const;

    // The last of these on a key wins.  `partition` is that of the transaction.
    std::uint8_t* put(std::uint8_t table,
                      Slot partition,
                      ByteView key,
                      std::uint32_t hash,
                      std::size_t value_size);
    void erase(std::uint8_t table, Slot partition, ByteView key, std::uint32_t hash);

    // Events stand in rows of several: `first` is the index of a row's first event.
    struct EventRow {
        std::uint32_t first;
        std::uint32_t count;
        std::uint8_t* bytes;
        std::uint32_t size;
        std::uint32_t capacity;
    };
    std::uint32_t event_count() const;
    std::uint64_t event_bytes() const { return event_bytes_; }
    std::uint8_t* append_event(std::size_t size);
    std::span<const EventRow> event_rows() const { return event_rows_; }

    // A transaction: everything since begin() is kept, or undone as if it had never been.
    void begin();
    bool changed_since_begin() const;
    void keep() { undo_.clear(); }
    void undo();

  private:
    struct Entry {  // of changes()[i]
        std::uint32_t hash;
        std::uint32_t next;  // in its chain
    };
    struct Cell {  // of a hash table; of another generation: empty
        std::uint32_t generation = 0;
        std::uint32_t hash = 0;
        std::uint32_t value = 0;
    };
    struct Undo {
        std::uint32_t index;
        bool added;
        Slot partition;
        std::optional<ByteView> value;
    };
    static constexpr std::uint32_t kNone = 0xffff'ffff;

    void set(std::uint8_t table,
             Slot partition,
             ByteView key,
             std::uint32_t hash,
             std::optional<ByteView> value);
    Cell& cell_of_key(std::uint8_t table, ByteView key, std::uint32_t hash);
    Cell& cell_of_chain(std::uint32_t chain);
    void insert(std::uint32_t index);
    void remove_last();
    void grow();

    Commit commit_;
    std::vector<Entry> entries_;
    // Open addressing, a power of two of cells, at most half full.
    std::vector<Cell> by_key_;  // -> index of the change
    std::vector<Cell>
        by_chain_;  // table and first two bytes of the key -> index of the newest change
    std::uint32_t generation_ = 1;

    std::vector<EventRow> event_rows_;
    std::uint64_t event_bytes_ = 0;

    std::vector<Undo> undo_;
    struct Mark {
        std::size_t event_rows = 0;
        EventRow last_row{};
        std::uint64_t event_bytes = 0;
    } mark_;
};

}  // namespace helio::store
