// Calls back once at a time or after a delay, or again and again.  Precision is a millisecond, and
// start_at never calls before the loop's time has reached the instant.
#pragma once

#include "base/io/loop.h"

#include <functional>
#include <optional>

namespace helio::io {

class Timer {
  public:
    Timer(Loop& loop, std::function<void()> on_due);
    ~Timer();
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    // Each replaces what was started before.
    void start_at(Instant at);
    void start_after(Duration delay);
    void start_every(Duration period);
    void stop();
    bool running() const;

  private:
    struct State;
    State* state_;  // freed by its close callback
};

}  // namespace helio::io
