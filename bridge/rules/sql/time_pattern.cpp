#include "bridge/rules/sql/time_pattern.h"

#include "bridge/rules/sql/lexer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace helio::bridge::rules::sql {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 12> kMonths = {"January",
                                                      "February",
                                                      "March",
                                                      "April",
                                                      "May",
                                                      "June",
                                                      "July",
                                                      "August",
                                                      "September",
                                                      "October",
                                                      "November",
                                                      "December"};
constexpr std::array<std::string_view, 7> kWeekdays = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
constexpr std::size_t kShortName = 3;

// A letter so many times, or literal text.
struct Piece {
    char letter = 0;  // 0: literal
    std::size_t count = 0;
    std::string literal;
};

// '...' is literal, '' a quote; other characters than letters stand for themselves.
std::optional<std::vector<Piece>> split(std::string_view pattern) {
    std::vector<Piece> pieces;
    const auto literal = [&](char c) {
        if (pieces.empty() || pieces.back().letter != 0) pieces.emplace_back();
        pieces.back().literal += c;
    };
    bool quoted = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = pattern[i];
        if (c == '\'') {
            const bool doubled = i + 1 < pattern.size() && pattern[i + 1] == '\'';
            if (doubled) {
                literal('\'');
                ++i;
            } else {
                quoted = !quoted;
            }
            continue;
        }
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (quoted || !is_letter) {
            literal(c);
        } else if (!pieces.empty() && pieces.back().letter == c) {
            ++pieces.back().count;
        } else {
            pieces.push_back({c, 1, {}});
        }
    }
    if (quoted) return std::nullopt;
    return pieces;
}

struct Fields {
    std::int64_t year;
    unsigned month, day, day_of_year, weekday;  // weekday: 0 is Sunday
    unsigned hour, minute, second, millisecond;
};

Fields fields_of(Instant at) {
    const auto date = std::chrono::floor<days>(at);
    const std::chrono::year_month_day ymd(date);
    const auto first = std::chrono::sys_days(ymd.year() / 1 / 1);
    const auto ms =
        static_cast<unsigned>(std::chrono::floor<std::chrono::milliseconds>(at - date).count());
    return {
        .year = static_cast<int>(ymd.year()),
        .month = static_cast<unsigned>(ymd.month()),
        .day = static_cast<unsigned>(ymd.day()),
        .day_of_year = static_cast<unsigned>((date - first).count()) + 1,
        .weekday = std::chrono::weekday(date).c_encoding(),
        .hour = ms / 3'600'000,
        .minute = ms / 60'000 % 60,
        .second = ms / 1'000 % 60,
        .millisecond = ms % 1'000,
    };
}

void append_padded(std::string& out, std::int64_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    if (digits.size() < width) out.append(width - digits.size(), '0');
    out += digits;
}

void append_offset(std::string& out, minutes offset, bool colon) {
    out += offset.count() < 0 ? '-' : '+';
    const auto size = std::abs(offset.count());
    append_padded(out, size / 60, 2);
    if (colon) out += ':';
    append_padded(out, size % 60, 2);
}

void append_name(std::string& out, std::string_view name, std::size_t count) {
    out += count > kShortName ? name : name.substr(0, kShortName);
}

// False where the letter means nothing.
bool append_piece(std::string& out, const Piece& piece, const Fields& f, const Zone& zone) {
    const std::size_t n = piece.count;
    switch (piece.letter) {
        case 'G':
            out += f.year > 0 ? "AD" : "BC";
            return true;
        case 'C':
            append_padded(out, f.year / 100, n);
            return true;
        case 'y':
        case 'Y':
        case 'u':
            if (n == 2) {
                append_padded(out, f.year % 100, 2);
            } else {
                append_padded(out, f.year, n);
            }
            return true;
        case 'M':
            if (n >= kShortName) {
                append_name(out, kMonths[f.month - 1], n);
            } else {
                append_padded(out, f.month, n);
            }
            return true;
        case 'D':
            append_padded(out, f.day_of_year, n);
            return true;
        case 'd':
            append_padded(out, f.day, n);
            return true;
        case 'e':
            append_padded(out, f.weekday == 0 ? 7 : f.weekday, n);
            return true;
        case 'E':
            append_name(out, kWeekdays[f.weekday], n);
            return true;
        case 'a':
            out += f.hour < 12 ? "AM" : "PM";
            return true;
        case 'K':
            append_padded(out, f.hour % 12, n);
            return true;
        case 'h':
            append_padded(out, f.hour % 12 == 0 ? 12 : f.hour % 12, n);
            return true;
        case 'H':
            append_padded(out, f.hour, n);
            return true;
        case 'k':
            append_padded(out, f.hour == 0 ? 24 : f.hour, n);
            return true;
        case 'm':
            append_padded(out, f.minute, n);
            return true;
        case 's':
            append_padded(out, f.second, n);
            return true;
        case 'S': {
            std::string digits;
            append_padded(digits, f.millisecond, 3);
            digits.resize(n, '0');
            out += digits;
            return true;
        }
        case 'z':
            out += zone.name;
            return true;
        case 'Z':
            if (n > 2) {
                out += zone.id.empty() ? zone.name : zone.id;
            } else {
                append_offset(out, zone.offset, n == 2);
            }
            return true;
        default:
            return false;
    }
}

// What a text has said so far.
struct Parsed {
    std::optional<std::int64_t> year, month, day, day_of_year;
    std::int64_t hour = 0, minute = 0, second = 0, nanosecond = 0;
    std::optional<bool> afternoon;
    minutes offset{0};
    const TimeZone* zone = nullptr;  // instead of the offset
};

std::optional<Zone> parse_fixed_zone(std::string_view name) {
    for (const std::string_view utc : {"UTC", "GMT", "Z", "Etc/UTC"}) {
        if (name == utc) return Zone{"UTC", minutes(0)};
    }
    std::string_view offset = name;
    for (const std::string_view prefix : {"UTC", "GMT"}) {
        if (offset.starts_with(prefix)) offset.remove_prefix(prefix.size());
    }
    if (offset.size() < 2 || (offset[0] != '+' && offset[0] != '-')) return std::nullopt;
    std::string digits;
    for (const char c : offset.substr(1)) {
        if (c == ':' && digits.size() == 2) continue;
        if (c < '0' || c > '9') return std::nullopt;
        digits += c;
    }
    if (digits.size() == 1) digits.insert(0, 1, '0');
    if (digits.size() == 2) digits += "00";
    if (digits.size() != 4) return std::nullopt;
    const int hours = (digits[0] - '0') * 10 + digits[1] - '0';
    const int rest = (digits[2] - '0') * 10 + digits[3] - '0';
    if (hours > 18 || rest > 59) return std::nullopt;
    const minutes size(hours * 60 + rest);
    Zone zone{{}, offset[0] == '-' ? -size : size};
    append_offset(zone.name, zone.offset, true);
    return zone;
}

class TimeReader {
  public:
    TimeReader(std::string_view text, TimeZones& zones) : text_(text), zones_(zones) {}

    bool at_end() const { return text_.empty(); }
    // `next_is_number`: no more digits than `count` belong to this piece.
    bool read(const Piece& piece, bool next_is_number, Parsed& p) {
        const std::size_t n = piece.count;
        switch (piece.letter) {
            case 0:
                return literal(piece.literal);
            case 'y':
            case 'u':
                return year(n, next_is_number, p);
            case 'M':
            case 'L':
                if (n >= kShortName) return name(kMonths, n, p.month);
                return number(p.month, n, next_is_number, 1, 12);
            case 'd':
                return number(p.day, n, next_is_number, 1, 31);
            case 'D':
                return number(p.day_of_year, n, next_is_number, 1, 366);
            case 'H':
                return number(p.hour, n, next_is_number, 0, 23);
            case 'k':
                return number(p.hour, n, next_is_number, 1, 24);
            case 'K':
                return number(p.hour, n, next_is_number, 0, 11);
            case 'h':
                if (!number(p.hour, n, next_is_number, 1, 12)) return false;
                p.hour %= 12;
                return true;
            case 'm':
                return number(p.minute, n, next_is_number, 0, 59);
            case 's':
                return number(p.second, n, next_is_number, 0, 59);
            case 'S':
                return fraction(n, p.nanosecond);
            case 'n':
                return number(p.nanosecond, n, false, 0, 999'999'999);
            case 'a':
                return half_of_day(p);
            case 'E':
                return weekday(n);
            case 'G':
                return literal("AD");
            case 'z':
            case 'V':
            case 'X':
            case 'x':
            case 'O':
            case 'Z':
                return zone(p);
            default:
                return false;
        }
    }

  private:
    static constexpr std::size_t kMostDigits = 18;

    bool literal(std::string_view expected) {
        if (!text_.starts_with(expected)) return false;
        text_.remove_prefix(expected.size());
        return true;
    }
    std::size_t digits() const {
        std::size_t n = 0;
        while (n < text_.size() && text_[n] >= '0' && text_[n] <= '9') ++n;
        return n;
    }
    // One letter reads as many digits as there are, more letters as many as letters.
    std::optional<std::int64_t> take_number(std::size_t letters, bool fixed) {
        const std::size_t there = std::min(digits(), kMostDigits);
        const std::size_t size = letters == 1 && !fixed ? there : std::min(there, letters);
        if (size < letters || size == 0) return std::nullopt;
        std::int64_t value = 0;
        std::from_chars(text_.data(), text_.data() + size, value);
        text_.remove_prefix(size);
        return value;
    }
    template <class Out>
    bool number(Out& out, std::size_t n, bool fixed, std::int64_t least, std::int64_t most) {
        const auto value = take_number(n, fixed);
        if (!value || *value < least || *value > most) return false;
        out = *value;
        return true;
    }
    bool year(std::size_t n, bool next_is_number, Parsed& p) {
        constexpr std::int64_t kCentury = 2000;  // of two-digit years, as Java reads them
        const std::size_t there = digits();
        const bool all = !next_is_number && n != 2;
        const auto value =
            take_number(all ? std::max(n, std::min(there, std::size_t{4})) : n, !all);
        if (!value || *value > 9'999) return false;
        p.year = n == 2 ? kCentury + *value : *value;
        return true;
    }
    bool fraction(std::size_t n, std::int64_t& nanosecond) {
        if (n > 9 || digits() < n) return false;
        std::string text(text_.substr(0, n));
        text.resize(9, '0');
        std::from_chars(text.data(), text.data() + text.size(), nanosecond);
        text_.remove_prefix(n);
        return true;
    }
    template <std::size_t N>
    bool name(const std::array<std::string_view, N>& names, std::size_t n, auto& out) {
        for (std::size_t i = 0; i < N; ++i) {
            const std::string_view full = names[i];
            const std::string_view shown = n > kShortName ? full : full.substr(0, kShortName);
            if (!literal(shown)) continue;
            out = static_cast<std::int64_t>(i) + 1;
            return true;
        }
        return false;
    }
    bool weekday(std::size_t n) {
        std::optional<std::int64_t> unused;
        return name(kWeekdays, n, unused);
    }
    bool half_of_day(Parsed& p) {
        const std::string_view mark = text_.substr(0, 2);
        if (!equals_ignoring_case(mark, "AM") && !equals_ignoring_case(mark, "PM")) return false;
        p.afternoon = equals_ignoring_case(mark, "PM");
        text_.remove_prefix(2);
        return true;
    }
    bool zone(Parsed& p) {
        const auto belongs = [](char c) {
            return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                   c == '+' || c == '-' || c == ':' || c == '/' || c == '_';
        };
        std::size_t size = 0;
        while (size < text_.size() && belongs(text_[size])) ++size;
        const std::string_view name = text_.substr(0, size);
        if (const auto fixed = parse_fixed_zone(name)) {
            p.offset = fixed->offset;
        } else {
            p.zone = zones_.find(name);
            if (!p.zone) return false;
        }
        text_.remove_prefix(size);
        return true;
    }

    std::string_view text_;
    TimeZones& zones_;
};

bool is_number_piece(const Piece& piece) {
    constexpr std::string_view kNumbers = "yuMdDHkKhmsSn";
    return piece.letter != 0 && kNumbers.find(piece.letter) != kNumbers.npos &&
           !(piece.letter == 'M' && piece.count >= kShortName);
}

std::optional<Instant> instant_of(const Parsed& p) {
    if (!p.year) return std::nullopt;
    const std::chrono::year year(static_cast<int>(*p.year));
    std::chrono::sys_days date = year / 1 / 1;
    if (p.day_of_year) {
        date += days(*p.day_of_year - 1);
        if (std::chrono::year_month_day(date).year() != year) return std::nullopt;
    } else {
        if (!p.month || !p.day) return std::nullopt;
        const auto ymd = year / static_cast<int>(*p.month) / static_cast<int>(*p.day);
        if (!ymd.ok()) return std::nullopt;
        date = ymd;
    }
    const std::int64_t hour = p.hour + (p.afternoon.value_or(false) && p.hour < 12 ? 12 : 0);
    const auto at = date + std::chrono::hours(hour) + minutes(p.minute) + seconds(p.second) +
                    std::chrono::microseconds(p.nanosecond / 1'000);
    if (p.zone) return Instant(at - p.zone->offset_of_local(at));
    return Instant(at - p.offset);
}

}  // namespace

std::optional<Zone> parse_zone(std::string_view name, Instant at, TimeZones& zones) {
    if (auto fixed = parse_fixed_zone(name)) return fixed;
    const TimeZone* zone = zones.find(name);
    if (!zone) return std::nullopt;
    const TimeZone::Period& period = zone->at(at);
    return Zone{
        period.abbreviation, std::chrono::duration_cast<minutes>(period.offset), std::string(name)};
}

std::optional<std::string> format_time(std::string_view pattern, Instant at, const Zone& zone) {
    const auto pieces = split(pattern);
    if (!pieces || pieces->empty()) return std::nullopt;
    const Fields fields = fields_of(at + zone.offset);
    std::string out;
    for (const Piece& piece : *pieces) {
        constexpr std::size_t kWidest = 32;
        if (piece.letter == 0) {
            out += piece.literal;
        } else if (piece.count > kWidest || !append_piece(out, piece, fields, zone)) {
            return std::nullopt;
        }
    }
    return out;
}

std::optional<Instant> parse_time(std::string_view text,
                                  std::string_view pattern,
                                  TimeZones& zones) {
    const auto pieces = split(pattern);
    if (!pieces) return std::nullopt;
    TimeReader reader(text, zones);
    Parsed parsed;
    for (std::size_t i = 0; i < pieces->size(); ++i) {
        const bool next_is_number = i + 1 < pieces->size() && is_number_piece((*pieces)[i + 1]);
        if (!reader.read((*pieces)[i], next_is_number, parsed)) return std::nullopt;
    }
    return reader.at_end() ? instant_of(parsed) : std::nullopt;
}

}  // namespace helio::bridge::rules::sql
