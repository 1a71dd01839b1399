#include "base/store/store.h"

#include "base/store/store_state.h"

#include <cassert>
#include <cstring>
#include <stdexcept>
#include <string>

namespace helio::store {
namespace {

std::vector<TableSpec> with_own_tables(std::span<const TableSpec> tables) {
    std::vector<TableSpec> all(tables.begin(), tables.end());
    for (const TableSpec& table : tables) {
        if (table.id == 0 || table.id > kLastOwnersTable) {
            throw std::runtime_error("store: the number of table '" + std::string(table.name) +
                                     "' is kept for the store itself");
        }
    }
    all.push_back(kEventTable);
    all.push_back(kStoreTable);
    for (std::size_t i = 0; i < all.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            if (all[i].id == all[j].id || all[i].name == all[j].name) {
                throw std::runtime_error("store: tables '" + std::string(all[j].name) + "' and '" +
                                         std::string(all[i].name) + "' share a number or a name");
            }
        }
    }
    return all;
}

void check_key(const TableSpec& table, ByteView key) {
    if (!key.empty() && key.size() <= kMaxKeySize) return;
    throw std::logic_error("store: a key of " + std::to_string(key.size()) + " bytes for table '" +
                           std::string(table.name) + "'");
}

}  // namespace

Store::Store(std::span<const TableSpec> tables, CommitLog& log, StoreLimits limits)
    : state_(std::make_unique<State>(log, limits)) {
    const auto all = with_own_tables(tables);
    log.open(all);
    state_->durable = log.last_position();
    state_->last_time = log.last_time();
    state_->load_event_log();
}

Store::~Store() {
    // The log may be at work on a commit that lives here.
    if (!state_->in_flight->empty()) state_->log.wait();
}

std::optional<ByteView> Store::get(const TableSpec& table, ByteView key) const {
    return state_->get(table, key);
}

void Store::scan(const TableSpec& table, ByteView prefix, ByteView from, Row row) const {
    state_->scan(table, prefix, from, row);
}

Transaction Store::begin(Slot partition) {
    assert(!state_->transaction_open && "one transaction is open at a time");
    state_->transaction_open = true;
    state_->filling->begin();
    return Transaction(*this, partition);
}

void Store::flush(Instant now) {
    State& s = *state_;
    assert(!s.transaction_open && "no transaction is open across flush()");
    s.now = now;
    s.take_answers();
    if (s.health == State::Health::fenced) return;
    if (s.retry && s.retry->is_over(now)) {
        s.retry.reset();
        s.log.append(s.in_flight->commit());
    } else if (s.in_flight->empty() && s.hold.is_over(now) && s.has_work()) {
        s.seal(now);
        std::swap(s.filling, s.in_flight);
        s.log.append(s.in_flight->commit());
    } else {
        return;
    }
    s.take_answers();
}

bool Store::State::has_work() { return !filling->empty() || cursors_are_due(); }

std::optional<Instant> Store::wake_at() const {
    const State& s = *state_;
    if (s.health == State::Health::fenced) return std::nullopt;
    if (s.retry) return s.retry->until;
    if (!s.in_flight->empty()) return std::nullopt;  // the log will notify
    if (!s.filling->empty()) return s.hold.until;
    if (s.cursors_unsaved_since) return *s.cursors_unsaved_since + State::kCursorsSavedWithin;
    return std::nullopt;
}

void Store::poll() { state_->take_answers(); }

bool Store::close(Instant now) {
    State& s = *state_;
    for (;;) {
        if (s.has_unsaved_cursor()) s.save_cursors();
        s.hold = {};
        flush(now);
        if (s.filling->empty() && s.in_flight->empty()) return true;
        s.log.wait();
        const Position before = s.durable;
        s.take_answers();
        if (s.durable == before) return false;
    }
}

void Store::on_durable(std::function<void(Position)> callback) {
    state_->on_durable = std::move(callback);
}

Position Store::filling() const { return state_->filling_position(); }
Position Store::durable() const { return state_->durable; }
Instant Store::last_commit_time() const { return state_->last_time; }
bool Store::overloaded() const {
    return state_->filling->bytes() + state_->in_flight->bytes() > state_->limits.max_pending_bytes;
}
bool Store::stalled() const { return state_->health == State::Health::stalled; }
bool Store::fenced() const { return state_->health == State::Health::fenced; }
std::string_view Store::trouble() const { return state_->trouble; }
const StoreStats& Store::stats() const { return state_->stats; }

void Store::State::take_answers() {
    if (polling) return;
    polling = true;
    while (const auto answer = log.take_answer()) on_answer(*answer);
    polling = false;
}

void Store::State::on_answer(const AppendAnswer& answer) {
    assert(answer.position == in_flight->commit().position);
    if (answer.outcome == AppendOutcome::durable) {
        durable = answer.position;
        ++stats.commits;
        in_flight->clear();
        health = Health::good;
        trouble.clear();
        if (on_durable) on_durable(durable);
        return;
    }
    trouble = answer.reason;
    if (answer.outcome == AppendOutcome::failed) {
        ++stats.failed_appends;
        health = Health::stalled;
        retry = Wait{now, now + limits.retry_after};
    } else {
        health = Health::fenced;
    }
}

Transaction::~Transaction() {
    if (store_ == nullptr) return;
    store_->state_->filling->undo();
    store_->state_->transaction_open = false;
}

std::optional<ByteView> Transaction::get(const TableSpec& table, ByteView key) const {
    return store_->get(table, key);
}

void Transaction::scan(const TableSpec& table, ByteView prefix, ByteView from, Row row) const {
    store_->scan(table, prefix, from, row);
}

std::span<std::uint8_t> Transaction::put_space(const TableSpec& table,
                                               ByteView key,
                                               std::size_t size) {
    assert(store_->state_->scan_depth == 0 && "a scan's row does not change the store");
    check_key(table, key);
    return {store_->state_->filling->put(table.id, partition_, key, hash_of(table.id, key), size),
            size};
}

void Transaction::put(const TableSpec& table, ByteView key, ByteView value) {
    const auto space = put_space(table, key, value.size());
    if (!value.empty()) std::memcpy(space.data(), value.data(), value.size());
}

void Transaction::erase(const TableSpec& table, ByteView key) {
    assert(store_->state_->scan_depth == 0 && "a scan's row does not change the store");
    check_key(table, key);
    store_->state_->filling->erase(table.id, partition_, key, hash_of(table.id, key));
}

Transaction::EventSpace Transaction::append_event_space(std::size_t size) {
    Store::State& s = *store_->state_;
    const Sequence sequence{s.filling_position(), s.filling->event_count()};
    return {sequence, {s.filling->append_event(size), size}};
}

Sequence Transaction::append_event(ByteView event) {
    const auto [sequence, space] = append_event_space(event.size());
    if (!event.empty()) std::memcpy(space.data(), event.data(), event.size());
    return sequence;
}

Position Transaction::commit() {
    Store::State& s = *store_->state_;
    ++s.stats.transactions;
    s.filling->keep();
    s.transaction_open = false;
    store_ = nullptr;
    return s.filling->empty() ? s.filling_position() - 1 : s.filling_position();
}

}  // namespace helio::store
