// Views and owners of raw bytes, and the hexadecimal spelling of them.
//
// A ByteView borrows and is not kept past the call it was given to; Bytes owns.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helio {

using ByteView = std::span<const std::uint8_t>;
using Bytes = std::vector<std::uint8_t>;

inline ByteView bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(ByteView bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Two lower-case digits a byte, in the order of the bytes.
std::string to_hex(ByteView bytes);

// Absent where `text` has an odd length or a character that is no hexadecimal digit.
std::optional<Bytes> from_hex(std::string_view text);

}  // namespace helio
