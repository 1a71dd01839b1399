// Appends the spellings of JSON text to a string: the event formats are written with these, without
// a document in between.
//
// Strings come out as valid UTF-8 whatever goes in: bytes that are none become U+FFFD.
#pragma once

#include "base/bytes.h"
#include "base/time.h"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace helio::bridge::integration {

// With the quotes; control characters, '"' and '\' are escaped.
void append_json_string(std::string& out, std::string_view text);

// Without quotes: two lower-case digits a byte, most significant digit first.
void append_hex32(std::string& out, std::uint32_t value);
void append_hex64(std::string& out, std::uint64_t value);

// Standard alphabet, padded, without quotes.
void append_base64(std::string& out, ByteView bytes);

// 16 bytes in the groups of a UUID, without quotes; fewer bytes are filled with zeros.
void append_uuid(std::string& out, ByteView bytes);

// The shortest decimal that reads back as the same number; what JSON cannot say becomes 0.
void append_number(std::string& out, float value);
void append_number(std::string& out, double value);

inline void append_number(std::string& out, std::int64_t value) {
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    out.append(digits, end.ptr);
}
inline void append_number(std::string& out, std::uint32_t value) {
    append_number(out, std::int64_t{value});
}
inline void append_number(std::string& out, std::int32_t value) {
    append_number(out, std::int64_t{value});
}

inline void append_bool(std::string& out, bool value) { out += value ? "true" : "false"; }

// As proto3 JSON and ChirpStack write it, without quotes: as many of 0, 3 or 6 digits of fraction
// as needed, and `zone` behind it.
void append_time(std::string& out, Instant at, std::string_view zone = "+00:00");

// To the second, as AWS writes it: "2021-05-03T03:24:29Z", without quotes.
void append_time_seconds(std::string& out, Instant at);

// proto3 JSON, without quotes: seconds with 0, 3, 6 or 9 digits of fraction and "s".
void append_duration(std::string& out, std::chrono::nanoseconds duration);

}  // namespace helio::bridge::integration
