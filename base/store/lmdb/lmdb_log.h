// The commit log of one machine: an LMDB file, written with full synchronisation by a thread of its
// own.  A commit is one LMDB transaction, which also stores its position, epoch and time.
//
// The data folder belongs to one process (FolderLock).  See base/store/FORMAT.md for the file.
#pragma once

#include "base/store/commit_log.h"

#include <filesystem>
#include <memory>
#include <vector>

namespace helio::store {

struct LmdbOptions {
    // Of address space, not of memory or disk; it grows by itself.
    std::size_t map_bytes = sizeof(void*) >= 8 ? std::size_t{16} << 30 : std::size_t{512} << 20;
};

struct LmdbStats {
    std::uint64_t commits = 0;
    std::uint64_t changes = 0;
    std::uint64_t busy_us = 0;  // of the writer thread, the disk included
    std::uint64_t cpu_us = 0;   // of the writer thread
    std::uint64_t file_bytes = 0;
    std::uint64_t map_growths = 0;
};

class LmdbLog final : public CommitLog {
  public:
    // Takes the folder; throws std::runtime_error with one sentence where it is in use.
    explicit LmdbLog(const std::filesystem::path& folder, LmdbOptions options = {});
    ~LmdbLog() override;

    // Throws std::runtime_error with one sentence where the file is damaged, foreign or newer.
    void open(std::span<const TableSpec> tables) override;
    Position last_position() const override;
    Instant last_time() const override;
    std::uint64_t epoch() const override;

    // A file that turns out damaged while it is read throws std::runtime_error: to go on with a row
    // that seems absent could use a frame counter twice.
    std::optional<ByteView> get(const TableSpec& table, ByteView key) const override;
    void scan(const TableSpec& table, ByteView from, Row row) const override;

    void append(const Commit& commit) override;
    std::optional<AppendAnswer> take_answer() override;
    void on_answer(std::function<void()> notify) override;
    void wait() override;

    // Mapped pages of the file count as the process's memory: lets go of them.  They stay in the
    // page cache while there is room; what a second touches is a small part of what an hour does.
    void let_go_of_pages();

    LmdbStats stats() const;

    // Copies what is durable now to `folder`, compacted, while the server runs.  `done` is called
    // on another thread with nothing, or with the reason why there is no backup.  One at a time. A
    // server that is started with that folder goes on from there.
    void back_up(const std::filesystem::path& folder, std::function<void(std::string error)> done);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Reads every row of the store in a folder that no process uses (a backup).
struct FolderReport {
    struct Table {
        std::string name;
        std::uint64_t rows;
        std::uint64_t bytes;
    };
    Position position = 0;
    Instant time{};
    std::vector<Table> tables;
};
// Throws std::runtime_error with one sentence where something is wrong.
FolderReport verify_folder(const std::filesystem::path& folder);

}  // namespace helio::store
