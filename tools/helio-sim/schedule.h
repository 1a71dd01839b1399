// What is to happen when, on a loop: many calls behind one timer.
#pragma once

#include "base/io/timer.h"

#include <functional>
#include <vector>

namespace helio::sim {

class Schedule {
  public:
    explicit Schedule(io::Loop& loop) : loop_(loop), timer_(loop, [this] { run(); }) {}

    // Calls for the same time run in the order in which they were made.
    void at(Instant when, std::function<void()> call);

  private:
    struct Entry {
        Instant when;
        std::uint64_t order;
        std::function<void()> call;
    };
    static bool later(const Entry& a, const Entry& b) {
        return a.when != b.when ? a.when > b.when : a.order > b.order;
    }
    void run();

    io::Loop& loop_;
    io::Timer timer_;
    std::vector<Entry> heap_;
    std::uint64_t made_ = 0;
};

}  // namespace helio::sim
