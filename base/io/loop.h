// The event loop: one thread that reads what is available, runs handlers and writes what they left.
//
// A turn is everything between two waits.  At its end the hooks of on_turn_end run, then sockets
// write what was queued during the turn; so a handler that writes often costs one system call.
#pragma once

#include "base/time.h"

#include <functional>
#include <memory>

namespace helio::io {

class Loop {
  public:
    Loop();
    // Everything made with this loop must be gone before.
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    // Runs until stop().
    void run();
    // Runs until `done()` holds after a turn; false where it does not within `limit`.
    bool run_until(const std::function<bool()>& done, Duration limit = std::chrono::seconds(10));
    // On the loop thread only; from another thread: post([&] { loop.stop(); }).
    void stop();

    // Runs `call` on the loop thread in one of the next turns.  The one function here that any
    // thread may use.
    void post(std::function<void()> call);

    // Runs once at the end of each turn, in order of registration, before sockets are flushed.
    // Stays for the life of the loop.
    void on_turn_end(std::function<void()> hook);

    // UTC, read once a turn, never going back even if the machine's clock does.
    Instant now();
    // Time goes on from here even where the machine's clock is behind it (stored instants are
    // ahead).
    void not_before(Instant at);

    // Calls on SIGTERM and SIGINT instead of ending the process.
    void on_stop_signal(std::function<void()> call);

    // Calls on SIGHUP.
    void on_reload_signal(std::function<void()> call);

    struct Impl;  // for base/io only
    Impl& impl() { return *impl_; }

  private:
    std::unique_ptr<Impl> impl_;
};

}  // namespace helio::io
