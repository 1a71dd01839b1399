// Catch2, whichever major version the distribution has (Debian 12: 2; Debian 13, Ubuntu 24.04: 3).
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>

namespace Catch::Matchers {
// Catch2 3's name for it; there, Contains is about ranges.
inline auto ContainsSubstring(const std::string& text) { return Contains(text); }
}  // namespace Catch::Matchers
#endif
