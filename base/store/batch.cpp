#include "base/store/batch.h"

#include "base/store/event_row.h"

#include <algorithm>
#include <cstring>

namespace helio::store {
namespace {

constexpr std::size_t kFirstCells = 1024;
constexpr std::size_t kKeptCells = 32u << 10;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

bool same_bytes(ByteView a, ByteView b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

bool begins_with(ByteView key, ByteView prefix) {
    return key.size() >= prefix.size() &&
           (prefix.empty() || std::memcmp(key.data(), prefix.data(), prefix.size()) == 0);
}

bool is_before(ByteView a, ByteView b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end());
}

// Keys whose first two bytes agree stand in one chain: in partitioned tables that is a slot.
std::uint32_t chain_of(std::uint8_t table, ByteView key) {
    const std::uint32_t second = key.size() > 1 ? key[1] : 0u;
    return std::uint32_t{table} << 16 | std::uint32_t{key[0]} << 8 | second;
}
std::uint32_t hash_of_chain(std::uint32_t chain) {
    return static_cast<std::uint32_t>(mix(chain, 0x9e37'79b9'7f4a'7c15u));
}

}  // namespace

std::uint32_t hash_of(std::uint8_t table, ByteView key) {
    constexpr std::uint64_t kA = 0xa076'1d64'78bd'642fu;
    constexpr std::uint64_t kB = 0xe703'7ed1'a0b4'28dbu;
    std::uint64_t h = mix(key.size() ^ kB, table ^ kA);
    const std::uint8_t* at = key.data();
    std::size_t left = key.size();
    for (; left >= 8; at += 8, left -= 8) {
        std::uint64_t word;
        std::memcpy(&word, at, 8);
        h = mix(h ^ word, kA);
    }
    std::uint64_t tail = 0;
    if (left != 0) std::memcpy(&tail, at, left);
    return static_cast<std::uint32_t>(mix(h ^ tail, kB));
}

void Batch::clear() {
    commit_.clear();
    entries_.clear();
    event_rows_.clear();
    event_bytes_ = 0;
    undo_.clear();
    ++generation_;
    if (by_key_.size() > kKeptCells || generation_ == 0) {
        by_key_ = {};
        by_chain_ = {};
        entries_ = {};
        generation_ = 1;
    }
}

const Change* Batch::find(std::uint8_t table, ByteView key, std::uint32_t hash) const {
    if (commit_.empty()) return nullptr;
    const std::size_t mask = by_key_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
        const Cell& cell = by_key_[i];
        if (cell.generation != generation_) return nullptr;
        if (cell.hash != hash) continue;
        const Change& change = commit_.changes()[cell.value];
        if (change.table == table && same_bytes(change.key, key)) return &change;
    }
}

Batch::Cell& Batch::cell_of_key(std::uint8_t table, ByteView key, std::uint32_t hash) {
    const std::size_t mask = by_key_.size() - 1;
    for (std::size_t i = hash & mask;; i = (i + 1) & mask) {
        Cell& cell = by_key_[i];
        if (cell.generation != generation_) return cell;
        if (cell.hash != hash) continue;
        const Change& change = commit_.changes()[cell.value];
        if (change.table == table && same_bytes(change.key, key)) return cell;
    }
}

Batch::Cell& Batch::cell_of_chain(std::uint32_t chain) {
    const std::size_t mask = by_chain_.size() - 1;
    for (std::size_t i = hash_of_chain(chain) & mask;; i = (i + 1) & mask) {
        Cell& cell = by_chain_[i];
        if (cell.generation != generation_ || cell.hash == chain) return cell;
    }
}

void Batch::gather(std::uint8_t table,
                   ByteView prefix,
                   ByteView from,
                   std::vector<const Change*>& out) const {
    if (commit_.empty()) return;
    const auto changes = commit_.changes();
    const auto take = [&](const Change& change) {
        if (change.table == table && begins_with(change.key, prefix) &&
            !is_before(change.key, from)) {
            out.push_back(&change);
        }
    };
    if (prefix.size() < 2) {
        for (const Change& change : changes) take(change);
        return;
    }
    const std::uint32_t chain = chain_of(table, prefix);
    const std::size_t mask = by_chain_.size() - 1;
    for (std::size_t i = hash_of_chain(chain) & mask;; i = (i + 1) & mask) {
        const Cell& cell = by_chain_[i];
        if (cell.generation != generation_) return;
        if (cell.hash != chain) continue;
        for (std::uint32_t at = cell.value; at != kNone; at = entries_[at].next) take(changes[at]);
        return;
    }
}

std::uint8_t* Batch::put(
    std::uint8_t table, Slot partition, ByteView key, std::uint32_t hash, std::size_t value_size) {
    std::uint8_t* const space = commit_.space(value_size);
    set(table, partition, key, hash, ByteView(space, value_size));
    return space;
}

void Batch::erase(std::uint8_t table, Slot partition, ByteView key, std::uint32_t hash) {
    set(table, partition, key, hash, std::nullopt);
}

void Batch::set(std::uint8_t table,
                Slot partition,
                ByteView key,
                std::uint32_t hash,
                std::optional<ByteView> value) {
    if ((entries_.size() + 1) * 2 > by_key_.size()) grow();
    Cell& cell = cell_of_key(table, key, hash);
    if (cell.generation == generation_) {
        Change& change = commit_.change(cell.value);
        undo_.push_back({cell.value, false, change.partition, change.value});
        change.partition = partition;
        change.value = value;
        return;
    }
    const auto index = static_cast<std::uint32_t>(entries_.size());
    commit_.add(table, partition, key, value);
    entries_.push_back({hash, kNone});
    insert(index);
    undo_.push_back({index, true, 0, std::nullopt});
}

void Batch::insert(std::uint32_t index) {
    const Change& change = commit_.changes()[index];
    Entry& entry = entries_[index];
    cell_of_key(change.table, change.key, entry.hash) = {generation_, entry.hash, index};
    const std::uint32_t chain = chain_of(change.table, change.key);
    Cell& head = cell_of_chain(chain);
    entry.next = head.generation == generation_ ? head.value : kNone;
    head = {generation_, chain, index};
}

// What was inserted last displaced nobody: its cells can simply be emptied.
void Batch::remove_last() {
    const auto index = static_cast<std::uint32_t>(entries_.size() - 1);
    const Change& change = commit_.changes()[index];
    const Entry& entry = entries_[index];
    Cell& head = cell_of_chain(chain_of(change.table, change.key));
    if (entry.next == kNone) {
        head.generation = 0;
    } else {
        head.value = entry.next;
    }
    cell_of_key(change.table, change.key, entry.hash).generation = 0;
    entries_.pop_back();
    commit_.drop_last();
}

void Batch::grow() {
    const std::size_t cells = std::max(kFirstCells, by_key_.size() * 2);
    by_key_.assign(cells, {});
    by_chain_.assign(cells, {});
    for (std::uint32_t i = 0; i < entries_.size(); ++i) insert(i);
}

std::uint32_t Batch::event_count() const {
    return event_rows_.empty() ? 0 : event_rows_.back().first + event_rows_.back().count;
}

std::uint8_t* Batch::append_event(std::size_t size) {
    const std::size_t needed = event_row::size_with(size);
    if (event_rows_.empty() || event_rows_.back().capacity - event_rows_.back().size < needed) {
        const auto capacity = std::max(event_row::kTargetSize, event_row::kHeaderSize + needed);
        event_rows_.push_back({event_count(),
                               0,
                               commit_.space(capacity),
                               event_row::kHeaderSize,
                               static_cast<std::uint32_t>(capacity)});
    }
    EventRow& row = event_rows_.back();
    std::uint8_t* const space = event_row::append(row.bytes, row.size, ++row.count, size);
    row.size += static_cast<std::uint32_t>(needed);
    event_bytes_ += size;
    return space;
}

void Batch::begin() {
    undo_.clear();
    mark_ = {
        event_rows_.size(), event_rows_.empty() ? EventRow{} : event_rows_.back(), event_bytes_};
}

bool Batch::changed_since_begin() const {
    return !undo_.empty() || event_rows_.size() != mark_.event_rows ||
           (!event_rows_.empty() && event_rows_.back().count != mark_.last_row.count);
}

void Batch::undo() {
    for (; !undo_.empty(); undo_.pop_back()) {
        const Undo& last = undo_.back();
        if (last.added) {
            remove_last();
            continue;
        }
        Change& change = commit_.change(last.index);
        change.partition = last.partition;
        change.value = last.value;
    }
    event_rows_.resize(mark_.event_rows);
    if (!event_rows_.empty()) {
        event_rows_.back() = mark_.last_row;
        event_row::set_count(mark_.last_row.bytes, mark_.last_row.count);
    }
    event_bytes_ = mark_.event_bytes;
}

}  // namespace helio::store
