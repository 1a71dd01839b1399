// When to look at the stream sockets: whenever one has something, or at equal distances of time, so
// that what comes in many small pieces is taken with few looks.
//
// To be woken for one message costs many times what the message costs.  So where looks follow each
// other closer than kDense, they are made each kSpread instead: nothing waits longer than that, and
// where there is little to do nothing waits at all.  Senders must not be slowed down by it: one who
// sends only after an answer would get fewer answers and nothing for it.  So the pacer compares how
// much came in both ways, and goes back where less comes.
//
//                 dense                     less comes in than before
//   [as it comes] ─────> [at distances] ──────────────────────────────> [resting: as it comes]
//       ^                      │ after kWindowsSpread, to compare anew          │ its time is over
//       └──────────────────────┴────────────────────────────────────────────────┘
#pragma once

#include <chrono>
#include <cstdint>

namespace helio::io {

class SocketPacer {
  public:
    using Time = std::chrono::steady_clock::time_point;
    using Duration = std::chrono::steady_clock::duration;

    static constexpr Duration kDense = std::chrono::microseconds(100);
    static constexpr Duration kSpread = std::chrono::microseconds(500);

    // After each look; `input` is what it took in: bytes, or their like.  Whether to look at
    // distances of kSpread from now on.
    bool after_look(std::uint64_t input, Time now);

  private:
    enum class Mode : std::uint8_t { as_it_comes, at_distances, resting };
    void begin_window(Time now);
    void enter(Mode mode, Time now);
    void end_window(Time now);

    static constexpr Duration kShortestRest = std::chrono::milliseconds(10);

    Mode mode_ = Mode::as_it_comes;
    unsigned windows_ = 0;         // of this mode
    unsigned poor_windows_ = 0;    // the last of them, in a row
    unsigned looks_ = 0;           // of this window
    std::uint64_t input_ = 0;      // of this window
    double rate_as_it_comes_ = 0;  // input a second
    Time window_began_{};
    Time rest_until_{};
    Duration rest_ = kShortestRest;
};

}  // namespace helio::io
