// UTC that never goes back, from a wall clock that may be set back and a steady clock that may not.
//
// After the wall clock was set back, time goes on at the steady clock's pace until the wall clock
// has caught up, so that neither deadlines nor stored instants turn around.
#pragma once

#include "base/time.h"

#include <algorithm>

namespace helio::io {

class WallClock {
  public:
    using Steady = std::chrono::steady_clock::time_point;

    Instant read(Instant wall, Steady steady) {
        if (wall < last_) {
            wall = last_ + std::chrono::duration_cast<Duration>(steady - last_steady_);
        }
        last_ = wall;
        last_steady_ = steady;
        return wall;
    }

    // From here on no time before `at` is answered.
    void not_before(Instant at, Steady steady) {
        if (at > last_) {
            last_ = at;
            last_steady_ = steady;
        }
    }

  private:
    Instant last_{};
    Steady last_steady_{};
};

}  // namespace helio::io
