// The event log of a Store: rows of several events, appended at flush, dropped at the head.
#include "base/store/store_state.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace helio::store {
namespace {

constexpr std::string_view kSizeKey = "event-log";
constexpr std::size_t kSizeRow = 16;  // | events : 8 | bytes : 8 |
constexpr std::size_t kRowsTrimmedACall = 64;
// At 1 / this, transactions a second, holding begins to feed itself up to its limit.
constexpr Duration kHoldPerTransaction{25};

}  // namespace

void Store::State::load_event_log() {
    const auto row = log.get(kStoreTable, bytes_of(kSizeKey));
    if (!row || row->size() != kSizeRow) return;
    events.events = load_big_endian<std::uint64_t>(row->data());
    events.bytes = load_big_endian<std::uint64_t>(row->data() + 8);
}

void Store::State::put_own(std::string_view key, ByteView value) {
    const ByteView bytes = bytes_of(key);
    const std::uint32_t hash = hash_of(kStoreTable.id, bytes);
    std::copy(
        value.begin(), value.end(), filling->put(kStoreTable.id, 0, bytes, hash, value.size()));
}

// Turns the filling batch into a commit.
void Store::State::seal(Instant at) {
    Batch& batch = *filling;
    Commit& commit = batch.commit();
    commit.position = filling_position();
    commit.epoch = log.epoch();
    commit.time = at;
    const auto transactions = static_cast<std::int64_t>(stats.transactions - transactions_sealed);
    hold = {at, at + std::min(limits.max_hold, kHoldPerTransaction * transactions)};
    transactions_sealed = stats.transactions;
    save_cursors();
    events.events += batch.event_count() - events_trimmed.events;
    events.bytes += batch.event_bytes() - events_trimmed.bytes;
    if (batch.event_count() != 0 || events_trimmed.events != 0) {
        std::array<std::uint8_t, kSizeRow> row;
        store_big_endian(row.data(), events.events);
        store_big_endian(row.data() + 8, events.bytes);
        put_own(kSizeKey, row);
    }
    events_trimmed = {};
    for (const Batch::EventRow& row : batch.event_rows()) {
        commit.add(kEventTable.id,
                   0,
                   event_row::key({commit.position, row.first}),
                   ByteView(row.bytes, row.size));
    }
    batch.keep();
}

bool Store::State::read_pending_events(const Batch& batch,
                                       Position position,
                                       Sequence from,
                                       EventRow event) const {
    for (const Batch::EventRow& row : batch.event_rows()) {
        if (Sequence{position, row.first + row.count} <= from) continue;
        event_row::Reader reader(ByteView(row.bytes, row.size));
        for (std::uint32_t i = row.first; const auto bytes = reader.next(); ++i) {
            const Sequence sequence{position, i};
            if (sequence >= from && !event(sequence, *bytes)) return false;
        }
    }
    return true;
}

void Store::read_events(Sequence from, EventRow event) const {
    State& s = *state_;
    from = std::max(from, s.trim_from);
    bool wanted = true;
    // The row that holds `from` may begin before it, but not in another commit.
    s.log.scan(kEventTable, event_row::key({from.position, 0}), [&](ByteView key, ByteView row) {
        const auto first = event_row::parse_key(key);
        event_row::Reader reader(row);
        if (!first) return wanted;
        if (Sequence{first->position, first->index + reader.count()} <= from) return wanted;
        for (Sequence at = *first; wanted; ++at.index) {
            const auto bytes = reader.next();
            if (!bytes) break;
            if (at >= from) wanted = event(at, *bytes);
        }
        return wanted;
    });
    if (!wanted) return;
    if (!s.in_flight->empty() && !s.read_pending_events(*s.in_flight, s.durable + 1, from, event)) {
        return;
    }
    s.read_pending_events(*s.filling, s.filling_position(), from, event);
}

std::optional<ByteView> Store::event(Sequence sequence) const {
    std::optional<ByteView> found;
    read_events(sequence, [&](Sequence at, ByteView bytes) {
        if (at == sequence) found = bytes;
        return false;
    });
    return found;
}

Store::EventLogSize Store::event_log_size() const {
    const State& s = *state_;
    return {s.events.events + s.filling->event_count() - s.events_trimmed.events,
            s.events.bytes + s.filling->event_bytes() - s.events_trimmed.bytes};
}

bool Store::trim_events(Sequence below, EventLogSize keep) {
    State& s = *state_;
    assert(!s.transaction_open);
    below = s.first_needed(below);
    below.index = 0;
    std::size_t rows = 0;
    bool more = false;
    const auto trim_row = [&](ByteView key, ByteView value) {
        const auto first = event_row::parse_key(key);
        const EventLogSize size = event_log_size();
        const bool over = size.events > keep.events || size.bytes > keep.bytes;
        if (!first || *first >= below || !over) return false;
        if (rows == kRowsTrimmedACall) {
            more = true;
            return false;
        }
        ++rows;
        const std::uint32_t count = event_row::Reader(value).count();
        s.events_trimmed.events += count;
        s.events_trimmed.bytes += value.size() - event_row::kHeaderSize - 4 * std::size_t{count};
        s.filling->erase(kEventTable.id, 0, key, hash_of(kEventTable.id, key));
        s.trim_from = {first->position, first->index + count};
        return true;
    };
    s.log.scan(kEventTable, event_row::key(s.trim_from), trim_row);
    s.filling->keep();
    return more;
}

}  // namespace helio::store
