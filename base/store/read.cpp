// Reads of a Store: what fills covers what is in flight, which covers what the log holds.
#include "base/store/store_state.h"

#include <algorithm>
#include <cstring>

namespace helio::store {
namespace {

std::strong_ordering compare(ByteView a, ByteView b) {
    const std::size_t common = std::min(a.size(), b.size());
    const int order = common == 0 ? 0 : std::memcmp(a.data(), b.data(), common);
    return order != 0 ? order <=> 0 : a.size() <=> b.size();
}

bool begins_with(ByteView key, ByteView prefix) {
    return key.size() >= prefix.size() &&
           (prefix.empty() || std::memcmp(key.data(), prefix.data(), prefix.size()) == 0);
}

}  // namespace

const Change* Store::State::find_pending(const TableSpec& table, ByteView key) const {
    if (filling->commit().empty() && in_flight->commit().empty()) return nullptr;
    const std::uint32_t hash = hash_of(table.id, key);
    if (const Change* change = filling->find(table.id, key, hash)) return change;
    return in_flight->find(table.id, key, hash);
}

std::optional<ByteView> Store::State::get(const TableSpec& table, ByteView key) const {
    if (key.empty() || key.size() > kMaxKeySize) return std::nullopt;
    if (const Change* change = find_pending(table, key)) return change->value;
    return log.get(table, key);
}

// Sorted, each key once: the filling batch's change where both have one.
void Store::State::gather(const TableSpec& table,
                          ByteView prefix,
                          ByteView from,
                          std::vector<const Change*>& out) const {
    out.clear();
    filling->gather(table.id, prefix, from, out);
    const std::size_t newer = out.size();
    in_flight->gather(table.id, prefix, from, out);
    if (out.empty()) return;
    const auto by_key = [](const Change* a, const Change* b) {
        return compare(a->key, b->key) < 0;
    };
    const auto middle = out.begin() + static_cast<std::ptrdiff_t>(newer);
    std::sort(out.begin(), middle, by_key);
    std::sort(middle, out.end(), by_key);
    std::inplace_merge(out.begin(), middle, out.end(), by_key);  // stable: the newer one first
    const auto same_key = [](const Change* a, const Change* b) {
        return compare(a->key, b->key) == 0;
    };
    out.erase(std::unique(out.begin(), out.end(), same_key), out.end());
}

void Store::State::scan(const TableSpec& table, ByteView prefix, ByteView from, Row row) const {
    const ByteView start = compare(prefix, from) < 0 ? from : prefix;
    if (scan_depth == scan_scratch.size()) {
        scan_scratch.push_back(std::make_unique<std::vector<const Change*>>());
    }
    std::vector<const Change*>& pending = *scan_scratch[scan_depth];
    gather(table, prefix, start, pending);
    struct Level {
        std::size_t& depth;
        explicit Level(std::size_t& d) : depth(++d) {}
        ~Level() { --depth; }
    } const level(scan_depth);

    auto next = pending.begin();
    bool wanted = true;
    const auto emit_next = [&] {
        const Change& change = **next++;
        if (change.value) wanted = row(change.key, *change.value);
    };
    log.scan(table, start, [&](ByteView key, ByteView value) {
        if (!begins_with(key, prefix)) return false;
        while (wanted && next != pending.end()) {
            const auto order = compare((*next)->key, key);
            if (order > 0) break;
            emit_next();
            if (order == 0) return wanted;
        }
        if (wanted) wanted = row(key, value);
        return wanted;
    });
    while (wanted && next != pending.end()) emit_next();
}

}  // namespace helio::store
