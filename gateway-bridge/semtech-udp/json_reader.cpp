#include "gateway-bridge/semtech-udp/json_reader.h"

#include <array>
#include <bitset>
#include <charconv>
#include <limits>

namespace helio::gateway_bridge::semtech_udp {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

int hex_value(char c) {
    if (is_digit(c)) return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The four digits at `at`, which scan_string has checked.
std::uint32_t code_unit(const char* at) {
    std::uint32_t unit = 0;
    for (int i = 0; i < 4; ++i) unit = unit << 4 | static_cast<std::uint32_t>(hex_value(at[i]));
    return unit;
}

char plain_escape(char c) {
    switch (c) {
        case 'b':
            return '\b';
        case 'f':
            return '\f';
        case 'n':
            return '\n';
        case 'r':
            return '\r';
        case 't':
            return '\t';
        default:
            return c;  // " \ /
    }
}

std::size_t put_utf8(std::uint32_t c, char* out) {
    const auto byte = [](std::uint32_t b) { return static_cast<char>(b); };
    if (c < 0x80) return out[0] = byte(c), 1;
    if (c < 0x800) return out[0] = byte(0xc0 | c >> 6), out[1] = byte(0x80 | (c & 0x3f)), 2;
    out[0] = c < 0x1'0000 ? byte(0xe0 | c >> 12) : byte(0xf0 | c >> 18);
    std::size_t size = 1;
    if (c >= 0x1'0000) out[size++] = byte(0x80 | (c >> 12 & 0x3f));
    out[size++] = byte(0x80 | (c >> 6 & 0x3f));
    out[size++] = byte(0x80 | (c & 0x3f));
    return size;
}

// Powers of ten that a double holds exactly.
constexpr std::array<double, 19> kPowersOfTen = {1e0,
                                                 1e1,
                                                 1e2,
                                                 1e3,
                                                 1e4,
                                                 1e5,
                                                 1e6,
                                                 1e7,
                                                 1e8,
                                                 1e9,
                                                 1e10,
                                                 1e11,
                                                 1e12,
                                                 1e13,
                                                 1e14,
                                                 1e15,
                                                 1e16,
                                                 1e17,
                                                 1e18};
constexpr std::int64_t kExactIntegers = std::int64_t{1} << 53;

}  // namespace

std::optional<std::string_view> JsonString::text(std::span<char> scratch) const {
    if (!escaped) return raw;
    std::size_t size = 0;
    for (std::size_t i = 0; i < raw.size();) {
        if (size + 4 > scratch.size()) return std::nullopt;
        if (raw[i] != '\\') {
            scratch[size++] = raw[i++];
            continue;
        }
        if (raw[i + 1] != 'u') {
            scratch[size++] = plain_escape(raw[i + 1]);
            i += 2;
            continue;
        }
        std::uint32_t c = code_unit(raw.data() + i + 2);
        i += 6;
        if (c >= 0xdc00 && c < 0xe000) return std::nullopt;
        if (c >= 0xd800 && c < 0xdc00) {
            if (!raw.substr(i).starts_with("\\u")) return std::nullopt;
            const std::uint32_t low = code_unit(raw.data() + i + 2);
            if (low < 0xdc00 || low >= 0xe000) return std::nullopt;
            c = 0x1'0000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 6;
        }
        size += put_utf8(c, scratch.data() + size);
    }
    return std::string_view(scratch.data(), size);
}

bool JsonReader::fail() {
    failed_ = true;
    at_ = end_;
    return false;
}

void JsonReader::skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
}

// The first character of what comes, or NUL (which starts nothing) at the end.
char JsonReader::peek() {
    skip_space();
    return at_ == end_ ? '\0' : *at_;
}

bool JsonReader::at_end() {
    skip_space();
    return at_ == end_;
}

bool JsonReader::enter(char open) {
    if (peek() != open) return false;
    ++at_;
    first_ = true;
    return true;
}

bool JsonReader::more(char close) {
    if (failed_) return false;
    const bool first = first_;
    first_ = false;
    const char c = peek();
    if (c == close) {
        ++at_;
        return false;
    }
    if (first) return c != '\0' || fail();
    if (c != ',') return fail();
    ++at_;
    return true;
}

bool JsonReader::next_element() { return more(']'); }

bool JsonReader::next_member(std::string_view& key) {
    if (!more('}')) return false;
    JsonString name{};
    if (peek() != '"' || !scan_string(name)) return fail();
    if (peek() != ':') return fail();
    ++at_;
    key = name.raw;
    return true;
}

std::optional<JsonNumber> JsonReader::number() {
    const char c = peek();
    if (c != '-' && !is_digit(c)) return skip(), std::nullopt;
    JsonNumber out{};
    if (!scan_number(out)) return fail(), std::nullopt;
    return out;
}

std::optional<JsonString> JsonReader::string() {
    if (peek() != '"') return skip(), std::nullopt;
    JsonString out{};
    if (!scan_string(out)) return fail(), std::nullopt;
    return out;
}

void JsonReader::skip() {
    std::bitset<kMaxDepth> is_object;
    std::size_t depth = 0;
    std::string_view key;
    do {
        const char c = peek();
        if (c == '{' || c == '[') {
            if (depth == kMaxDepth) return void(fail());
            is_object[depth++] = c == '{';
            enter(c);
        } else if (!skip_scalar()) {
            return void(fail());
        }
        while (depth > 0 && !(is_object[depth - 1] ? next_member(key) : next_element())) {
            if (failed_) return;
            --depth;
        }
    } while (depth > 0);
}

bool JsonReader::skip_scalar() {
    JsonString text{};
    JsonNumber number{};
    switch (peek()) {
        case '"':
            return scan_string(text);
        case 't':
            return scan_word("true");
        case 'f':
            return scan_word("false");
        case 'n':
            return scan_word("null");
        default:
            return scan_number(number);
    }
}

bool JsonReader::scan_word(std::string_view word) {
    if (!std::string_view(at_, end_).starts_with(word)) return false;
    at_ += word.size();
    return true;
}

bool JsonReader::scan_string(JsonString& out) {
    const char* const begin = ++at_;  // after the quote
    bool escaped = false;
    for (; at_ != end_; ++at_) {
        const char c = *at_;
        if (c == '"') {
            out = {.raw = std::string_view(begin, at_), .escaped = escaped};
            ++at_;
            return true;
        }
        if (static_cast<unsigned char>(c) < 0x20) return false;
        if (c != '\\') continue;
        escaped = true;
        if (++at_ == end_) return false;
        if (*at_ == 'u') {
            if (end_ - at_ < 5) return false;
            for (int i = 1; i <= 4; ++i) {
                if (hex_value(at_[i]) < 0) return false;
            }
            at_ += 4;
        } else if (std::string_view("\"\\/bfnrt").find(*at_) == std::string_view::npos) {
            return false;
        }
    }
    return false;
}

bool JsonReader::scan_number(JsonNumber& out) {
    const char* const begin = at_;
    const bool negative = at_ != end_ && *at_ == '-';
    if (negative) ++at_;

    std::int64_t mantissa = 0;
    int digits = 0;
    const auto scan_digits = [&] {
        const char* const from = at_;
        for (; at_ != end_ && is_digit(*at_); ++at_, ++digits) {
            if (digits < 18) mantissa = mantissa * 10 + (*at_ - '0');
        }
        return static_cast<std::size_t>(at_ - from);
    };

    const bool leading_zero = at_ != end_ && *at_ == '0';
    const std::size_t whole = scan_digits();
    if (whole == 0 || (leading_zero && whole > 1)) return false;
    std::size_t fraction = 0;
    if (at_ != end_ && *at_ == '.') {
        ++at_;
        fraction = scan_digits();
        if (fraction == 0) return false;
    }
    bool exponent = false;
    if (at_ != end_ && (*at_ == 'e' || *at_ == 'E')) {
        exponent = true;
        ++at_;
        if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
        const char* const from = at_;
        while (at_ != end_ && is_digit(*at_)) ++at_;
        if (at_ == from) return false;
    }

    const bool exact = digits <= 18 && mantissa <= kExactIntegers && !exponent;
    if (exact) {
        out.value = static_cast<double>(mantissa) / kPowersOfTen[fraction];
        if (negative) out.value = -out.value;
    } else if (std::from_chars(begin, at_, out.value).ec != std::errc{}) {
        out.value = std::numeric_limits<double>::infinity();
    }
    const bool integral = fraction == 0 && !exponent && digits <= 18;
    if (integral) out.integer = negative ? -mantissa : mantissa;
    return true;
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t size = lead < 0x80             ? 1
                                 : (lead & 0xe0) == 0xc0 ? 2
                                 : (lead & 0xf0) == 0xe0 ? 3
                                 : (lead & 0xf8) == 0xf0 ? 4
                                                         : 0;
        if (size == 0 || size > text.size() - i) return false;
        std::uint32_t c = size == 1 ? lead : lead & (0x7fu >> size);
        for (std::size_t k = 1; k < size; ++k) {
            const auto next = static_cast<unsigned char>(text[i + k]);
            if ((next & 0xc0) != 0x80) return false;
            c = c << 6 | (next & 0x3f);
        }
        constexpr std::array<std::uint32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x1'0000};
        if (c < kLeast[size] || c > 0x10'ffff || (c >= 0xd800 && c < 0xe000)) return false;
        i += size;
    }
    return true;
}

}  // namespace helio::gateway_bridge::semtech_udp
