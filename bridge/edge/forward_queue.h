// Messages on their way to an upstream broker, in the order in which they came: rows in the store,
// with a bound in bytes.
//
// A row leaves when its message was acknowledged up there.  At the bound either the oldest messages
// that are not on the wire give way, or the new one does.
#pragma once

#include "base/store/store.h"
#include "base/time.h"
#include "bridge/edge/proto/queued.pb.h"

#include <deque>
#include <optional>
#include <string>

namespace helio::bridge::edge {

// 56: name of the upstream, sequence -> Queued
inline constexpr store::TableSpec kQueueTable{56, "upstream_queue", store::PartitionedBy::global};

enum class AtBound : std::uint8_t { drop_oldest, drop_newest };

class ForwardQueue {
  public:
    struct Stats {
        std::uint64_t queued = 0;
        std::uint64_t dropped_full = 0;
        std::uint64_t dropped_expired = 0;
    };

    // Finds what an earlier run left.
    ForwardQueue(store::Store& store,
                 std::string upstream,
                 std::size_t max_bytes,
                 AtBound at_bound);

    // The position that makes it durable; absent where the queue is full and drops the newest.
    std::optional<store::Position> push(const proto::Queued& message);

    // Walks over what is to be sent: the next one behind those that next() gave since rewind().
    struct Item {
        std::uint64_t sequence;
        proto::Queued message;
    };
    std::optional<Item> next(Instant now);
    void rewind();  // after a connection is lost

    // The message is up there: out of the queue.
    void done(std::uint64_t sequence);

    bool has(std::uint64_t sequence) const;
    std::size_t size() const { return size_; }  // messages
    std::size_t bytes() const { return bytes_; }
    bool has_next() const { return cursor_ < entries_.size(); }
    // What is kept in memory of them: as many, and not many more.
    std::size_t entries() const { return entries_.size(); }
    const Stats& stats() const { return stats_; }

  private:
    struct Entry {
        std::uint64_t sequence;
        std::uint32_t bytes;
        bool gone;  // only before the cursor
    };
    void erase(Entry& entry);
    void pass(Entry& entry);
    void let_go_of_gone();
    bool make_room(std::size_t bytes);

    store::Store& store_;
    std::string upstream_;
    std::size_t max_bytes_;
    AtBound at_bound_;
    Stats stats_;
    std::deque<Entry> entries_;
    std::size_t cursor_ = 0;  // in entries_
    std::size_t gone_ = 0;
    std::size_t bytes_ = 0;
    std::size_t size_ = 0;
    std::uint64_t next_sequence_ = 1;
};

}  // namespace helio::bridge::edge
