#include "base/store/memory_log.h"

#include "base/store/commit.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace helio::store {
namespace {

Bytes copy_of(ByteView bytes) { return Bytes(bytes.begin(), bytes.end()); }

}  // namespace

void MemoryLog::open(std::span<const TableSpec>) {
    commit_ = nullptr;
    answer_.reset();
    to_apply_ = false;
    ++epoch_;
}

void MemoryLog::apply() {
    for (const Change& change : commit_->changes()) {
        Rows& rows = tables_[change.table];
        if (change.value) {
            rows.insert_or_assign(copy_of(change.key), copy_of(*change.value));
        } else {
            rows.erase(copy_of(change.key));
        }
    }
    position_ = commit_->position;
    time_ = commit_->time;
}

void MemoryLog::answer(AppendOutcome outcome, std::string reason) {
    answer_ = AppendAnswer{commit_->position, outcome, std::move(reason)};
    if (notify_) notify_();
}

void MemoryLog::step() {
    assert(in_flight() && !answer_);
    to_apply_ = true;
    answer(AppendOutcome::durable, {});
}

void MemoryLog::fail(std::string reason) {
    assert(in_flight() && !answer_);
    answer(AppendOutcome::failed, std::move(reason));
}

void MemoryLog::lose(bool stored) {
    assert(in_flight() && !answer_);
    to_apply_ = stored;
    answer(AppendOutcome::unknown, "the answer of the log was lost");
}

void MemoryLog::depose() {
    assert(in_flight() && !answer_);
    answer(AppendOutcome::deposed, "another server has taken over this data");
}

void MemoryLog::fail_next(int times, std::string reason) {
    failures_ = times;
    failure_ = std::move(reason);
}

void MemoryLog::crash(Crash when) {
    if (commit_ != nullptr && (to_apply_ || when == Crash::after_commit)) apply();
    commit_ = nullptr;
    answer_.reset();
    to_apply_ = false;
    notify_ = nullptr;
}

std::optional<ByteView> MemoryLog::get(const TableSpec& table, ByteView key) const {
    const Rows& rows = tables_[table.id];
    const auto row = rows.find(copy_of(key));
    if (row == rows.end()) return std::nullopt;
    return ByteView(row->second);
}

void MemoryLog::scan(const TableSpec& table, ByteView from, Row row) const {
    const Rows& rows = tables_[table.id];
    for (auto at = rows.lower_bound(copy_of(from)); at != rows.end(); ++at) {
        if (!row(at->first, at->second)) return;
    }
}

void MemoryLog::append(const Commit& commit) {
    assert(!in_flight() && commit.position == position_ + 1);
    commit_ = &commit;
    if (answers_ == Answers::when_stepped) return;
    if (failures_ > 0) {
        --failures_;
        fail(failure_);
    } else {
        step();
    }
}

std::optional<AppendAnswer> MemoryLog::take_answer() {
    if (!answer_) return std::nullopt;
    if (to_apply_) apply();
    commit_ = nullptr;
    to_apply_ = false;
    return std::exchange(answer_, std::nullopt);
}

}  // namespace helio::store
