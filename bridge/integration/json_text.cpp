#include "bridge/integration/json_text.h"

#include <array>
#include <cmath>

namespace helio::bridge::integration {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr char kBase64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kReplacement = "\xef\xbf\xbd";

constexpr bool is_plain(unsigned char c) { return c >= 0x20 && c < 0x80 && c != '"' && c != '\\'; }

// The size of the UTF-8 sequence that `text` begins with, or 0 (RFC 3629 §4: no overlong forms, no
// surrogates, nothing above U+10FFFF).
std::size_t utf8_sequence(std::string_view text) {
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto tail = [&](std::size_t i) { return i < text.size() && (at(i) & 0xc0) == 0x80; };
    const unsigned char lead = at(0);
    if (lead >= 0xc2 && lead <= 0xdf) return tail(1) ? 2 : 0;
    if (lead >= 0xe0 && lead <= 0xef) {
        if (!tail(1) || !tail(2)) return 0;
        if (lead == 0xe0 && at(1) < 0xa0) return 0;
        if (lead == 0xed && at(1) > 0x9f) return 0;
        return 3;
    }
    if (lead >= 0xf0 && lead <= 0xf4) {
        if (!tail(1) || !tail(2) || !tail(3)) return 0;
        if (lead == 0xf0 && at(1) < 0x90) return 0;
        if (lead == 0xf4 && at(1) > 0x8f) return 0;
        return 4;
    }
    return 0;
}

void append_escaped(std::string& out, unsigned char c) {
    switch (c) {
        case '"':
            out += "\\\"";
            return;
        case '\\':
            out += "\\\\";
            return;
        case '\b':
            out += "\\b";
            return;
        case '\f':
            out += "\\f";
            return;
        case '\n':
            out += "\\n";
            return;
        case '\r':
            out += "\\r";
            return;
        case '\t':
            out += "\\t";
            return;
        default:
            out += "\\u00";
            out += kHex[c >> 4];
            out += kHex[c & 15];
    }
}

template <class Number>
void append_shortest(std::string& out, Number value) {
    if (!std::isfinite(value)) value = 0;
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, value);
    out.append(digits, end.ptr);
}

char* put_two(char* at, unsigned value) {
    *at++ = static_cast<char>('0' + value / 10);
    *at++ = static_cast<char>('0' + value % 10);
    return at;
}

// `digits` digits of `value`, with leading zeros.
char* put_digits(char* at, std::uint32_t value, int digits) {
    for (int i = digits; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
    return at + digits;
}

// "2026-01-31T23:59:59"
char* put_date_time(char* at, Instant when) {
    const auto day = std::chrono::floor<std::chrono::days>(when);
    const std::chrono::year_month_day date(day);
    const auto second =
        static_cast<unsigned>(std::chrono::duration_cast<std::chrono::seconds>(when - day).count());
    const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
    at = put_two(at, year / 100 % 100);
    at = put_two(at, year % 100);
    *at++ = '-';
    at = put_two(at, static_cast<unsigned>(date.month()));
    *at++ = '-';
    at = put_two(at, static_cast<unsigned>(date.day()));
    *at++ = 'T';
    at = put_two(at, second / 3600);
    *at++ = ':';
    at = put_two(at, second / 60 % 60);
    *at++ = ':';
    return put_two(at, second % 60);
}

// Nothing, or '.' and as many of 3, 6 or 9 digits as say all of it.
char* put_fraction(char* at, std::uint32_t nanoseconds) {
    if (nanoseconds == 0) return at;
    *at++ = '.';
    if (nanoseconds % 1'000'000 == 0) return put_digits(at, nanoseconds / 1'000'000, 3);
    if (nanoseconds % 1'000 == 0) return put_digits(at, nanoseconds / 1'000, 6);
    return put_digits(at, nanoseconds, 9);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t done = 0;
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (is_plain(c)) {
            ++i;
            continue;
        }
        const std::size_t sequence = c < 0x80 ? 0 : utf8_sequence(text.substr(i));
        if (sequence > 0) {
            i += sequence;
            continue;
        }
        out.append(text, done, i - done);
        if (c < 0x80) {
            append_escaped(out, c);
        } else {
            out += kReplacement;
        }
        done = ++i;
    }
    out.append(text, done);
    out += '"';
}

void append_hex32(std::string& out, std::uint32_t value) {
    char digits[8];
    for (int i = 0; i < 8; ++i) digits[i] = kHex[value >> (28 - 4 * i) & 15];
    out.append(digits, sizeof digits);
}

void append_hex64(std::string& out, std::uint64_t value) {
    char digits[16];
    for (int i = 0; i < 16; ++i) digits[i] = kHex[value >> (60 - 4 * i) & 15];
    out.append(digits, sizeof digits);
}

void append_base64(std::string& out, ByteView bytes) {
    const std::size_t start = out.size();
    out.resize(start + (bytes.size() + 2) / 3 * 4);
    char* at = out.data() + start;
    while (bytes.size() >= 3) {
        const unsigned three = bytes[0] << 16 | bytes[1] << 8 | bytes[2];
        for (int shift = 18; shift >= 0; shift -= 6) *at++ = kBase64[three >> shift & 63];
        bytes = bytes.subspan(3);
    }
    if (bytes.empty()) return;
    const unsigned rest = bytes[0] << 16 | (bytes.size() == 2 ? bytes[1] << 8 : 0);
    *at++ = kBase64[rest >> 18 & 63];
    *at++ = kBase64[rest >> 12 & 63];
    *at++ = bytes.size() == 2 ? kBase64[rest >> 6 & 63] : '=';
    *at = '=';
}

void append_uuid(std::string& out, ByteView bytes) {
    char text[36];
    char* at = text;
    for (std::size_t i = 0; i < 16; ++i) {
        if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
        const std::uint8_t byte = i < bytes.size() ? bytes[i] : 0;
        *at++ = kHex[byte >> 4];
        *at++ = kHex[byte & 15];
    }
    out.append(text, sizeof text);
}

void append_number(std::string& out, float value) { append_shortest(out, value); }
void append_number(std::string& out, double value) { append_shortest(out, value); }

void append_time(std::string& out, Instant at, std::string_view zone) {
    char text[32];
    char* end = put_date_time(text, at);
    const auto within = at - std::chrono::floor<std::chrono::seconds>(at);
    end = put_fraction(end, static_cast<std::uint32_t>(within.count() * 1'000));
    out.append(text, end);
    out += zone;
}

void append_time_seconds(std::string& out, Instant at) {
    char text[32];
    out.append(text, put_date_time(text, at));
    out += 'Z';
}

void append_duration(std::string& out, std::chrono::nanoseconds duration) {
    if (duration.count() < 0) {
        out += '-';
        duration = -duration;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(duration);
    append_number(out, std::int64_t{seconds.count()});
    char fraction[10];
    const auto nanoseconds = static_cast<std::uint32_t>((duration - seconds).count());
    out.append(fraction, put_fraction(fraction, nanoseconds));
    out += 's';
}

}  // namespace helio::bridge::integration
