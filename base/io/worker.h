// Work that blocks or burns, on another thread, with its completion back on the loop.
//
// `work` runs on a thread of libuv's pool and must touch nothing that belongs to the loop; `done`
// runs on the loop and takes the result.
#pragma once

#include "base/io/loop.h"

#include <functional>
#include <memory>

namespace helio::io {

class Worker {
  public:
    explicit Worker(Loop& loop, std::size_t max_queued = 1000);
    // What has not begun never does; no `done` is called any more.
    ~Worker();
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    // False where the queue is full: nothing is called then.  `work` must not throw.
    [[nodiscard]] bool run(std::function<void()> work, std::function<void()> done);

    std::size_t queued() const;  // waiting or running

  private:
    struct State;
    struct Job;
    std::shared_ptr<State> state_;
};

}  // namespace helio::io
