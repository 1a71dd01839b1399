// Time and chance of the simulated world: what happens next, and numbers that a seed decides.
#pragma once

#include "base/time.h"

#include <functional>
#include <queue>
#include <random>
#include <vector>

namespace helio::lns::world {

using namespace std::chrono_literals;

class Clock {
  public:
    Instant now = from_unix_us(1'800'000'000'000'000);

    void at(Instant when, std::function<void()> what) {
        queue_.push({std::max(when, now), order_++, std::move(what)});
    }
    void in(Duration wait, std::function<void()> what) { at(now + wait, std::move(what)); }

    void run_until(Instant end) {
        while (!queue_.empty() && queue_.top().when <= end) {
            now = queue_.top().when;
            const auto what = std::move(const_cast<Event&>(queue_.top()).what);
            queue_.pop();
            what();
        }
        now = end;
    }

  private:
    struct Event {
        Instant when;
        std::uint64_t order;
        std::function<void()> what;
        friend bool operator<(const Event& a, const Event& b) {
            return a.when != b.when ? a.when > b.when : a.order > b.order;
        }
    };
    std::priority_queue<Event> queue_;
    std::uint64_t order_ = 0;
};

class Chance {
  public:
    explicit Chance(std::uint64_t seed) : engine_(seed) {}

    // The same numbers on every machine: the standard's distributions differ between libraries.
    std::uint64_t below(std::uint64_t n) { return n == 0 ? 0 : engine_() % n; }
    double unit() { return static_cast<double>(engine_() >> 11) * 0x1p-53; }
    bool of(double probability) { return unit() < probability; }
    double between(double a, double b) { return a + (b - a) * unit(); }
    Duration between(Duration a, Duration b) {
        return a + Duration(static_cast<std::int64_t>(
                       below(static_cast<std::uint64_t>((b - a).count()) + 1)));
    }
    // Nearly normal.
    double noise(double sigma) { return sigma * (unit() + unit() + unit() + unit() - 2) * 1.73; }

  private:
    std::mt19937_64 engine_;
};

}  // namespace helio::lns::world
