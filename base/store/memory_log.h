// A commit log in memory, for tests and simulation: it can answer at once or when told to, fail, be
// deposed, lose sight of a commit, and crash before or after any commit.
//
// It outlives the stores that use it, as a disk outlives a process: after crash() open a new Store.
#pragma once

#include "base/store/commit_log.h"

#include <array>
#include <map>

namespace helio::store {

class MemoryLog final : public CommitLog {
  public:
    enum class Answers { at_once, when_stepped };
    explicit MemoryLog(Answers answers = Answers::at_once) : answers_(answers) {}

    // What comes of an append, with `when_stepped`: call one of these while in_flight().
    bool in_flight() const { return commit_ != nullptr; }
    void step();                    // durable
    void fail(std::string reason);  // surely not stored
    void lose(bool stored);         // unknown, and in truth stored or not
    void depose();
    // With `at_once`: the next `times` appends fail.
    void fail_next(int times, std::string reason = "no space left on device");

    // The process ends while a commit may be in flight; the commit is stored or it is not.
    enum class Crash { before_commit, after_commit };
    void crash(Crash when);

    // The rows of a table as they are on the "disk".
    using Rows = std::map<Bytes, Bytes, std::less<>>;
    const Rows& rows(const TableSpec& table) const { return tables_[table.id]; }

    void open(std::span<const TableSpec> tables) override;
    Position last_position() const override { return position_; }
    Instant last_time() const override { return time_; }
    std::uint64_t epoch() const override { return epoch_; }
    std::optional<ByteView> get(const TableSpec& table, ByteView key) const override;
    void scan(const TableSpec& table, ByteView from, Row row) const override;
    void append(const Commit& commit) override;
    std::optional<AppendAnswer> take_answer() override;
    void on_answer(std::function<void()> notify) override { notify_ = std::move(notify); }
    void wait() override {}  // who steps it answers

  private:
    void apply();
    void answer(AppendOutcome outcome, std::string reason);

    Answers answers_;
    std::array<Rows, 256> tables_;
    Position position_ = 0;
    Instant time_{};
    std::uint64_t epoch_ = 0;

    const Commit* commit_ = nullptr;
    bool to_apply_ = false;  // readers see a commit when its answer is taken
    std::optional<AppendAnswer> answer_;
    int failures_ = 0;
    std::string failure_;
    std::function<void()> notify_;
};

}  // namespace helio::store
