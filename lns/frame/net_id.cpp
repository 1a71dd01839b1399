#include "lns/frame/net_id.h"

namespace helio::lns {

std::optional<NetId> NetId::from_text(std::string_view text) {
    const auto bytes = from_hex(text);
    if (!bytes || bytes->size() != 3) return std::nullopt;
    return NetId(static_cast<std::uint32_t>((*bytes)[0] << 16 | (*bytes)[1] << 8 | (*bytes)[2]));
}

std::string NetId::to_text() const {
    const std::array<std::uint8_t, 3> bytes = {static_cast<std::uint8_t>(value_ >> 16),
                                               static_cast<std::uint8_t>(value_ >> 8),
                                               static_cast<std::uint8_t>(value_)};
    return to_hex(bytes);
}

}  // namespace helio::lns
