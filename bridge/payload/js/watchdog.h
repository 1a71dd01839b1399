// The clock that stops a codec: a thread that asks the engine for an interrupt when a run has used
// up its time, again and again until the run is over.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace helio::bridge::payload::js {

class Watchdog {
  public:
    // `interrupt` is called on the watchdog's thread.
    explicit Watchdog(std::function<void()> interrupt);
    ~Watchdog();
    Watchdog(const Watchdog&) = delete;
    Watchdog& operator=(const Watchdog&) = delete;

    // True from the moment the armed run's time was used up until the next run is armed.
    bool expired() const { return expired_.load(std::memory_order_relaxed); }

    // While it lives, a run is watched.
    class Armed {
      public:
        Armed(Watchdog& watchdog, std::chrono::milliseconds time) : watchdog_(watchdog) {
            watchdog_.arm(time);
        }
        ~Armed() { watchdog_.disarm(); }
        Armed(const Armed&) = delete;
        Armed& operator=(const Armed&) = delete;

      private:
        Watchdog& watchdog_;
    };

  private:
    using Clock = std::chrono::steady_clock;

    void arm(std::chrono::milliseconds time);
    void disarm();
    void watch();

    std::function<void()> interrupt_;
    std::atomic<bool> expired_ = false;
    // Runs are short and many: arming is an atomic store, and the thread looks on its own rhythm.
    std::atomic<Clock::rep> deadline_ = 0;  // 0: nothing runs
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stop_ = false;
    std::thread thread_;
};

}  // namespace helio::bridge::payload::js
