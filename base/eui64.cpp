#include "base/eui64.h"

namespace helio {

std::optional<Eui64> Eui64::from_text(std::string_view text) {
    std::string digits;
    if (text.size() == 16) {
        digits = text;
    } else if (text.size() == 23) {
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (i % 3 != 2) {
                digits.push_back(text[i]);
            } else if (text[i] != text[2] || (text[i] != '-' && text[i] != ':')) {
                return std::nullopt;
            }
        }
    } else {
        return std::nullopt;
    }
    const auto bytes = from_hex(digits);
    if (!bytes) return std::nullopt;
    return from_big_endian(std::span<const std::uint8_t, 8>(bytes->data(), 8));
}

}  // namespace helio
