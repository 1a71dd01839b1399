#include "lns/device/uuid.h"

#include <algorithm>

namespace helio::lns {

std::optional<Uuid> Uuid::from_text(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    std::string digits;
    digits.reserve(32);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash != (text[i] == '-')) return std::nullopt;
        if (!dash) digits.push_back(text[i]);
    }
    const auto raw = from_hex(digits);
    if (!raw || raw->size() != 16) return std::nullopt;
    Uuid uuid;
    std::ranges::copy(*raw, uuid.bytes.begin());
    return uuid;
}

std::string Uuid::to_text() const {
    std::string text = to_hex(bytes);
    for (const std::size_t at : {20, 16, 12, 8}) text.insert(at, 1, '-');
    return text;
}

}  // namespace helio::lns
