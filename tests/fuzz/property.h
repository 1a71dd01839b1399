// How a fuzz target says that a property does not hold.
#pragma once

namespace helio::fuzz {

inline void require(bool holds) {
    if (!holds) __builtin_trap();
}

}  // namespace helio::fuzz
