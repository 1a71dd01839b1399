// What one turn of the loop may spend on work that comes by the thousand: rows to be erased,
// messages of a backlog, retained messages to be looked at, timers that run out together.
//
// All sessions take from the same purse; who finds it empty goes on in a later turn.
#pragma once

#include "base/time.h"

#include <algorithm>
#include <cstddef>

namespace helio::bridge::mqtt {

class TurnWork {
  public:
    explicit TurnWork(std::size_t steps_per_turn) : per_turn_(steps_per_turn) {}

    // The loop's time stands still within a turn.
    void enter(Instant now) {
        if (now != turn_) begin(now);
    }
    void begin(Instant now) {
        turn_ = now;
        left_ = per_turn_;
    }

    std::size_t left() const { return left_; }
    bool spent() const { return left_ == 0; }
    void take(std::size_t steps) { left_ -= std::min(left_, steps); }
    // For who has to leave something to others.
    std::size_t half() const { return per_turn_ / 2; }

  private:
    std::size_t per_turn_;
    std::size_t left_ = 0;
    Instant turn_ = Instant::min();
};

}  // namespace helio::bridge::mqtt
