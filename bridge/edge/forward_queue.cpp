#include "bridge/edge/forward_queue.h"

#include "base/store/typed_table.h"

#include <algorithm>

namespace helio::bridge::edge {
namespace {

struct RowKey {
    std::string upstream;
    std::uint64_t sequence = 0;
};
struct OfUpstream {
    std::string name;
};

}  // namespace
}  // namespace helio::bridge::edge

namespace helio::store {

using bridge::edge::OfUpstream;
using bridge::edge::RowKey;

template <>
struct KeyCodec<RowKey> {
    static void write(KeyBuffer& out, const RowKey& key) {
        out.sized_text(key.upstream);
        out.u64(key.sequence);
    }
    static RowKey read(KeyReader& in) {
        RowKey key;
        key.upstream = in.sized_text();
        key.sequence = in.u64();
        return key;
    }
};
template <>
struct KeyCodec<OfUpstream> {
    static void write(KeyBuffer& out, const OfUpstream& of) { out.sized_text(of.name); }
};

}  // namespace helio::store

namespace helio::bridge::edge {
namespace {

constexpr store::TypedTable<RowKey, proto::Queued> kTable(kQueueTable);
constexpr std::size_t kRowCost = 64;  // beside the message, about
constexpr std::size_t kMaxGone = 1024;

}  // namespace

ForwardQueue::ForwardQueue(store::Store& store,
                           std::string upstream,
                           std::size_t max_bytes,
                           AtBound at_bound)
    : store_(store), upstream_(std::move(upstream)), max_bytes_(max_bytes), at_bound_(at_bound) {
    kTable.scan_prefix(
        store_, OfUpstream{upstream_}, [this](const RowKey& key, const proto::Queued& row) {
            const auto size = static_cast<std::uint32_t>(row.ByteSizeLong() + kRowCost);
            entries_.push_back({key.sequence, size, false});
            bytes_ += size;
            ++size_;
            next_sequence_ = key.sequence + 1;
            return true;
        });
}

void ForwardQueue::erase(Entry& entry) {
    const RowKey key{upstream_, entry.sequence};
    auto transaction = store_.begin(kTable.slot(key));
    kTable.erase(transaction, key);
    transaction.commit();
    bytes_ -= entry.bytes;
    --size_;
}

// One before the cursor is not needed any more.
void ForwardQueue::pass(Entry& entry) {
    erase(entry);
    entry.gone = true;
    ++gone_;
    while (!entries_.empty() && entries_.front().gone) {
        entries_.pop_front();
        --cursor_;
        --gone_;
    }
    // Behind a message that is never acknowledged they would become more and more.
    if (gone_ > kMaxGone && gone_ > cursor_ - gone_) let_go_of_gone();
}

void ForwardQueue::let_go_of_gone() {
    const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(cursor_);
    entries_.erase(std::remove_if(entries_.begin(), end, [](const Entry& e) { return e.gone; }),
                   end);
    cursor_ -= gone_;
    gone_ = 0;
}

void ForwardQueue::rewind() {
    let_go_of_gone();
    cursor_ = 0;
}

// What is on the wire stays: its acknowledgement is on the way.
bool ForwardQueue::make_room(std::size_t bytes) {
    if (bytes > max_bytes_) return false;
    if (at_bound_ == AtBound::drop_newest) return bytes_ + bytes <= max_bytes_;
    while (bytes_ + bytes > max_bytes_ && cursor_ < entries_.size()) {
        const auto oldest = entries_.begin() + static_cast<std::ptrdiff_t>(cursor_);
        erase(*oldest);
        entries_.erase(oldest);
        ++stats_.dropped_full;
    }
    return bytes_ + bytes <= max_bytes_;
}

std::optional<store::Position> ForwardQueue::push(const proto::Queued& message) {
    const std::size_t size = message.ByteSizeLong() + kRowCost;
    if (!make_room(size)) {
        ++stats_.dropped_full;
        return std::nullopt;
    }
    const RowKey key{upstream_, next_sequence_++};
    auto transaction = store_.begin(kTable.slot(key));
    kTable.put(transaction, key, message);
    entries_.push_back({key.sequence, static_cast<std::uint32_t>(size), false});
    bytes_ += size;
    ++size_;
    ++stats_.queued;
    return transaction.commit();
}

std::optional<ForwardQueue::Item> ForwardQueue::next(Instant now) {
    while (cursor_ < entries_.size()) {
        Entry& entry = entries_[cursor_++];
        auto row = kTable.get(store_, RowKey{upstream_, entry.sequence});
        const bool expired =
            row && row->expires_at_us() != 0 && row->expires_at_us() <= to_unix_us(now);
        if (row && !expired) return Item{entry.sequence, *std::move(row)};
        if (expired) ++stats_.dropped_expired;
        pass(entry);
    }
    return std::nullopt;
}

bool ForwardQueue::has(std::uint64_t sequence) const {
    const auto found = std::ranges::lower_bound(entries_, sequence, {}, &Entry::sequence);
    return found != entries_.end() && found->sequence == sequence && !found->gone;
}

void ForwardQueue::done(std::uint64_t sequence) {
    const auto found = std::ranges::lower_bound(entries_, sequence, {}, &Entry::sequence);
    if (found == entries_.end() || found->sequence != sequence || found->gone) return;
    if (static_cast<std::size_t>(found - entries_.begin()) < cursor_) return pass(*found);
    erase(*found);
    entries_.erase(found);
}

}  // namespace helio::bridge::edge
