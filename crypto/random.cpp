#include "crypto/random.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <stdexcept>

namespace helio::crypto {
namespace {

void fill_from_system(std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const auto size = std::min<std::size_t>(out.size(), std::numeric_limits<int>::max());
        if (RAND_bytes(out.data(), static_cast<int>(size)) != 1) {
            throw std::runtime_error("the system gives no random bytes; is /dev/urandom there?");
        }
        out = out.subspan(size);
    }
}

// SplitMix64: a counter and a mixing function, so every seed gives a full-length stream.
struct SeededStream {
    std::uint64_t state;
    std::uint64_t word = 0;
    unsigned left = 0;  // unused bytes of `word`

    std::uint8_t next_byte() {
        if (left == 0) {
            state += 0x9e37'79b9'7f4a'7c15u;
            word = state;
            word = (word ^ word >> 30) * 0xbf58'476d'1ce4'e5b9u;
            word = (word ^ word >> 27) * 0x94d0'49bb'1331'11ebu;
            word ^= word >> 31;
            left = 8;
        }
        const auto byte = static_cast<std::uint8_t>(word);
        word >>= 8;
        --left;
        return byte;
    }
};

}  // namespace

Random os_random() { return fill_from_system; }

Random seeded_random(std::uint64_t seed) {
    return
        [stream = std::make_shared<SeededStream>(SeededStream{seed})](std::span<std::uint8_t> out) {
            std::ranges::generate(out, [&] { return stream->next_byte(); });
        };
}

std::string uuid4(const Random& random) {
    std::array<std::uint8_t, 16> bytes;
    random(bytes);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);

    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
        text += kDigits[bytes[i] >> 4];
        text += kDigits[bytes[i] & 15];
    }
    return text;
}

}  // namespace helio::crypto
