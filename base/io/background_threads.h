// Threads for work that burns, at a priority below the loop's: a storm of handshakes gets what the
// loop leaves.  For base/io only; blocking work belongs to Worker.
#pragma once

#include "base/io/loop_impl.h"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace helio::io {

class BackgroundThreads {
  public:
    // One less than the machine has processors, and one at least.
    explicit BackgroundThreads(Loop::Impl& loop);
    // Waits for what is being worked on; the rest never happens.
    ~BackgroundThreads();
    BackgroundThreads(const BackgroundThreads&) = delete;
    BackgroundThreads& operator=(const BackgroundThreads&) = delete;

    // In order.  `done` runs on the loop; whoever has gone meanwhile must be told apart by it.
    void run(std::function<void()> work, std::function<void()> done);

  private:
    struct Job {
        std::function<void()> work;
        std::function<void()> done;
    };
    void serve();

    Loop::Impl& loop_;
    std::mutex mutex_;
    std::condition_variable has_work_;
    std::deque<Job> jobs_;   // guarded by mutex_
    bool stopping_ = false;  // guarded by mutex_
    std::vector<std::thread> threads_;
};

}  // namespace helio::io
