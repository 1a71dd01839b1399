// A UUID (RFC 9562) in its 16 bytes: the name of a wireless device, gateway, profile or queued
// message, as keys and compact records hold it.  New ones come from crypto/random.h.
#pragma once

#include "base/bytes.h"

#include <array>

namespace helio::lns {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    // 8-4-4-4-12 hexadecimal digits; absent otherwise.
    static std::optional<Uuid> from_text(std::string_view text);
    std::string to_text() const;

    friend constexpr auto operator<=>(const Uuid&, const Uuid&) = default;
};

}  // namespace helio::lns
