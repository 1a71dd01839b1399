#include "bridge/mqtt/packet/utf8.h"

#include <cstdint>
#include <cstring>

namespace helio::bridge::mqtt {
namespace {

// The size of the sequence at `p`, 0 where it is not well-formed (Unicode table 3-7) or is U+0000.
std::size_t sequence_size(const unsigned char* p, std::size_t left) {
    const auto continues = [&](std::size_t i) { return (p[i] & 0xc0) == 0x80; };
    const unsigned char lead = p[0];
    if (lead < 0x80) return lead == 0 ? 0 : 1;
    if (lead < 0xc2) return 0;
    if (lead < 0xe0) return left >= 2 && continues(1) ? 2 : 0;
    if (lead < 0xf0) {
        if (left < 3 || !continues(1) || !continues(2)) return 0;
        if (lead == 0xe0 && p[1] < 0xa0) return 0;   // overlong
        if (lead == 0xed && p[1] >= 0xa0) return 0;  // surrogate
        return 3;
    }
    if (lead > 0xf4 || left < 4 || !continues(1) || !continues(2) || !continues(3)) return 0;
    if (lead == 0xf0 && p[1] < 0x90) return 0;   // overlong
    if (lead == 0xf4 && p[1] >= 0x90) return 0;  // beyond U+10FFFF
    return 4;
}

// No byte of the word is zero or above 0x7f.
bool is_plain_ascii(std::uint64_t word) {
    constexpr std::uint64_t kHigh = 0x8080'8080'8080'8080u;
    constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101u;
    return ((word | (word - kOnes)) & kHigh) == 0;
}

}  // namespace

bool is_mqtt_utf8(std::string_view text) {
    const auto* p = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t left = text.size();
    while (left > 0) {
        if (left >= 8) {
            std::uint64_t word;
            std::memcpy(&word, p, 8);
            if (is_plain_ascii(word)) {
                p += 8;
                left -= 8;
                continue;
            }
        }
        const std::size_t size = sequence_size(p, left);
        if (size == 0) return false;
        p += size;
        left -= size;
    }
    return true;
}

bool is_utf8(std::string_view text) {
    while (true) {
        const std::size_t zero = text.find('\0');
        if (!is_mqtt_utf8(text.substr(0, zero))) return false;
        if (zero == text.npos) return true;
        text.remove_prefix(zero + 1);
    }
}

}  // namespace helio::bridge::mqtt
