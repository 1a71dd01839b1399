// The thread that writes commits: one at a time, so that the loop never waits for the disk.
// Inside base/store/lmdb only.
#pragma once

#include "base/store/lmdb/write_commit.h"

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace helio::store {

class WriterThread {
  public:
    struct Job {
        MDB_env* env;
        MDB_dbi main;
        const OpenTables* tables;
        const Commit* commit;
    };
    struct Result {
        int error;
        std::uint64_t busy_us;
        std::uint64_t cpu_us;
    };

    WriterThread() : thread_([this] { run(); }) {}
    // Ends when the job at hand has ended.
    ~WriterThread();
    WriterThread(const WriterThread&) = delete;
    WriterThread& operator=(const WriterThread&) = delete;

    // The result of one job is taken before the next one starts.
    void start(const Job& job);
    std::optional<Result> take();
    Result wait();
    void on_result(std::function<void()> notify);

  private:
    void run();
    Result do_job(const Job& job);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<Job> job_;
    std::optional<Result> result_;
    std::function<void()> notify_;
    bool ending_ = false;
    CommitWriter writer_;
    std::thread thread_;  // last: it uses all of the above
};

}  // namespace helio::store
