// Random bytes, as a function that is handed to whoever needs them, so that tests and the simulated
// world replay from a seed.  The program uses os_random() everywhere; seeded_random() is for tests
// only and is no cipher.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace helio::crypto {

// Fills the whole span.
using Random = std::function<void(std::span<std::uint8_t>)>;

// Cryptographically strong; throws std::runtime_error where the system has no entropy.
Random os_random();

// The same bytes for the same seed on every machine, however the requests are cut.  Copies of the
// function share one stream.
Random seeded_random(std::uint64_t seed);

// A random UUID (RFC 9562, version 4): "f81d4fae-7dec-41d0-8765-00a0c91e6bf6".
std::string uuid4(const Random& random);

}  // namespace helio::crypto
