// Positions in UTF-8 text that count characters (code points), as rules do.
#pragma once

#include <cstddef>
#include <string_view>

namespace helio::bridge::rules::sql {

inline bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

inline std::size_t count_characters(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text) count += begins_character(c) ? 1 : 0;
    return count;
}

// Where the character `index` begins; the end of the text behind the last.
inline std::size_t character_offset(std::string_view text, std::size_t index) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (begins_character(text[i]) && index-- == 0) return i;
    }
    return text.size();
}

}  // namespace helio::bridge::rules::sql
