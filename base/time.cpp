#include "base/time.h"

#include <algorithm>
#include <array>

namespace helio {
namespace {

using namespace std::chrono;

constexpr Instant kFirst = sys_days(year(0) / January / 1);
constexpr Instant kLast = sys_days(year(9999) / December / 31) + days(1) - Duration(1);

void put_digits(char* at, int count, std::int64_t value) {
    for (int i = count; i-- > 0; value /= 10) at[i] = static_cast<char>('0' + value % 10);
}

// Reads from the front of a text; a failed read leaves `ok` false for good.
struct Cursor {
    std::string_view left;
    bool ok = true;

    bool take(char c) {
        if (left.empty() || left.front() != c) return false;
        left.remove_prefix(1);
        return true;
    }
    bool take_one_of(std::string_view set) {
        return !left.empty() && set.find(left.front()) != set.npos && take(left.front());
    }
    bool at_digit() const { return !left.empty() && left.front() >= '0' && left.front() <= '9'; }
    int digits(int count) {
        int value = 0;
        for (; count > 0; --count) {
            if (!at_digit()) {
                ok = false;
                return 0;
            }
            value = value * 10 + (left.front() - '0');
            left.remove_prefix(1);
        }
        return value;
    }
    // The separator stands before every field but the first, or before none.
    int field(bool separated, char separator, int count) {
        if (separated && !take(separator)) ok = false;
        return digits(count);
    }
};

int fraction_us(Cursor& in) {
    if (!in.take_one_of(".,")) return 0;
    if (!in.at_digit()) in.ok = false;
    int us = 0;
    for (int scale = 100'000; in.at_digit(); scale /= 10) us += in.digits(1) * scale;
    return us;
}

minutes offset_of(Cursor& in) {
    if (in.left.empty() || in.take_one_of("Zz")) return minutes(0);
    in.take(' ');
    if (in.left == "GMT" || in.left == "UTC") {
        in.left = {};
        return minutes(0);
    }
    const bool west = in.take('-');
    if (!west && !in.take('+')) in.ok = false;
    const int hour = in.digits(2);
    int minute = 0;
    if (in.ok && !in.left.empty()) minute = in.field(in.left.front() == ':', ':', 2);
    if (hour > 23 || minute > 59) in.ok = false;
    const minutes offset(hour * 60 + minute);
    return west ? -offset : offset;
}

}  // namespace

std::string_view to_rfc3339(Instant at, std::span<char, kRfc3339Size> out, int digits) {
    at = std::clamp(at, kFirst, kLast);
    const auto day = floor<days>(at);
    const year_month_day date(day);
    const std::int64_t us = (at - day).count();
    const std::int64_t second = us / 1'000'000;
    char* const text = out.data();
    put_digits(text, 4, static_cast<int>(date.year()));
    text[4] = '-';
    put_digits(text + 5, 2, static_cast<unsigned>(date.month()));
    text[7] = '-';
    put_digits(text + 8, 2, static_cast<unsigned>(date.day()));
    text[10] = 'T';
    put_digits(text + 11, 2, second / 3600);
    text[13] = ':';
    put_digits(text + 14, 2, second / 60 % 60);
    text[16] = ':';
    put_digits(text + 17, 2, second % 60);
    char* end = text + 19;
    if (digits > 0) {
        *end++ = '.';
        put_digits(end, digits, digits == 3 ? us % 1'000'000 / 1000 : us % 1'000'000);
        end += digits;
    }
    *end++ = 'Z';
    return {text, static_cast<std::size_t>(end - text)};
}

std::string to_rfc3339(Instant at, int digits) {
    std::array<char, kRfc3339Size> text;
    return std::string(to_rfc3339(at, text, digits));
}

std::optional<Instant> from_rfc3339(std::string_view text) {
    Cursor in{text};
    const int y = in.digits(4);
    const bool dashes = !in.left.empty() && in.left.front() == '-';
    const int m = in.field(dashes, '-', 2);
    const int d = in.field(dashes, '-', 2);
    if (!in.take_one_of("Tt ")) return std::nullopt;
    const int hour = in.digits(2);
    const bool colons = !in.left.empty() && in.left.front() == ':';
    const int minute = in.field(colons, ':', 2);
    const int second = in.field(colons, ':', 2);
    const int us = fraction_us(in);
    const minutes offset = offset_of(in);
    if (!in.ok || !in.left.empty()) return std::nullopt;

    const year_month_day date{
        year(y), month(static_cast<unsigned>(m)), day(static_cast<unsigned>(d))};
    // A leap second is the first instant of the next minute, as POSIX has it.
    if (!date.ok() || y < 1970 || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    return Instant(sys_days(date)) + hours(hour) + minutes(minute) + seconds(second) +
           Duration(us) - offset;
}

}  // namespace helio
