#include "bridge/rules/sql/decimal.h"

#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <cmath>
#include <limits>

namespace helio::bridge::rules::sql {
namespace {

using Wide = boost::multiprecision::cpp_int;  // the rare cases: more than 38 digits in between

constexpr int kDigits = 34;
constexpr int kMaxMagnitude = 999;  // of the first digit
constexpr int kMinMagnitude = -999;

constexpr auto kPowers = [] {
    std::array<Int128, 39> powers{};
    Int128 power = 1;
    for (std::size_t i = 0; i < powers.size(); ++i) {
        powers[i] = power;
        if (i + 1 < powers.size()) power *= 10;
    }
    return powers;
}();
constexpr Int128 kLimit = kPowers[kDigits];

Int128 magnitude_of(Int128 value) { return value < 0 ? -value : value; }

bool fits_int64(Int128 value) {
    return value >= std::numeric_limits<std::int64_t>::min() &&
           value <= std::numeric_limits<std::int64_t>::max();
}

int digit_count(Int128 value) {
    value = magnitude_of(value);
    int digits = 1;
    while (digits < 39 && value >= kPowers[static_cast<std::size_t>(digits)]) ++digits;
    return digits;
}

// Drops `count` digits, rounding half away from zero.
Int128 drop_digits(Int128 value, int count) {
    if (count > 38) return 0;
    const Int128 power = kPowers[static_cast<std::size_t>(count)];
    const Int128 rest = value % power;
    value /= power;
    if (magnitude_of(rest) >= power - magnitude_of(rest)) value += rest < 0 ? -1 : 1;
    return value;
}

void strip_zeros(Int128& coefficient, std::int32_t& exponent) {
    if (fits_int64(coefficient)) {  // a 64-bit division is several times faster
        auto small = static_cast<std::int64_t>(coefficient);
        while (exponent < 0 && small % 10 == 0) {
            small /= 10;
            ++exponent;
        }
        coefficient = small;
        return;
    }
    while (exponent < 0 && coefficient % 10 == 0) {
        coefficient /= 10;
        ++exponent;
    }
}

// Into the one form; `coefficient` has at most 38 digits.
std::optional<Decimal> normalise(Int128 coefficient, std::int32_t exponent) {
    while (magnitude_of(coefficient) >= kLimit) {
        const int surplus = digit_count(coefficient) - kDigits;
        coefficient = drop_digits(coefficient, surplus);
        exponent += surplus;
    }
    if (coefficient == 0) return Decimal{};
    if (exponent < 0) strip_zeros(coefficient, exponent);
    while (exponent > 0 && magnitude_of(coefficient) < kLimit / 10) {
        coefficient *= 10;
        --exponent;
    }
    if (exponent != 0) {
        const int magnitude = digit_count(coefficient) - 1 + exponent;
        if (magnitude > kMaxMagnitude) return std::nullopt;
        if (magnitude < kMinMagnitude) return Decimal{};
    }
    return Decimal{coefficient, exponent};
}

Wide power_of_ten(int exponent) {
    return boost::multiprecision::pow(Wide(10), static_cast<unsigned>(exponent));
}

std::optional<Decimal> normalise(Wide coefficient, std::int32_t exponent) {
    const bool negative = coefficient < 0;
    if (negative) coefficient = -coefficient;
    const auto digits = static_cast<int>(coefficient.str().size());
    if (digits > 38) {
        const int surplus = digits - 37;
        // The last digit is never wrong by more than the rounding of normalise() can see.
        const Wide power = power_of_ten(surplus);
        const Wide rest = coefficient % power;
        coefficient /= power;
        exponent += surplus;
        if (rest * 2 >= power) coefficient += 1;
    }
    const auto narrow = static_cast<Int128>(coefficient);
    return normalise(negative ? -narrow : narrow, exponent);
}

// Both with the smaller exponent.
struct Aligned {
    Wide a, b;
    std::int32_t exponent;
};
Aligned align(const Decimal& a, const Decimal& b) {
    const std::int32_t exponent = std::min(a.exponent, b.exponent);
    return {Wide(a.coefficient) * power_of_ten(a.exponent - exponent),
            Wide(b.coefficient) * power_of_ten(b.exponent - exponent),
            exponent};
}

// `value` times 10^power, where that stays below 38 digits.
std::optional<Int128> scaled(Int128 value, int power) {
    if (power > 37 || magnitude_of(value) >= kPowers[static_cast<std::size_t>(37 - power)]) {
        return std::nullopt;
    }
    return value * kPowers[static_cast<std::size_t>(power)];
}

void append_digits(std::string& out, Int128 value) {
    char digits[40];
    char* at = digits + sizeof digits;
    if (fits_int64(value)) {
        char small[20];
        const auto end =
            std::to_chars(small, small + sizeof small, static_cast<std::int64_t>(value));
        out.append(small, end.ptr);
        return;
    }
    const bool negative = value < 0;
    for (Int128 rest = magnitude_of(value); rest != 0; rest /= 10) {
        *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
    }
    if (negative) *--at = '-';
    out.append(at, digits + sizeof digits);
}

}  // namespace

Decimal decimal_of(std::int64_t value) { return {value, 0}; }

std::optional<Decimal> decimal_of(double value) {
    if (!std::isfinite(value)) return std::nullopt;
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, value);
    return parse_decimal({text, end.ptr});
}

std::optional<Decimal> parse_decimal(std::string_view text) {
    std::size_t i = 0;
    const bool negative = !text.empty() && text[0] == '-';
    if (negative) ++i;
    Int128 coefficient = 0;
    std::int32_t exponent = 0;
    bool any = false;
    bool point = false;
    bool rounded = false;
    for (; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9') break;
        any = true;
        if (coefficient < kLimit) {
            coefficient = coefficient * 10 + (c - '0');
            if (point) --exponent;
        } else {
            if (!rounded && c >= '5') ++coefficient;
            rounded = true;
            if (!point) ++exponent;
        }
    }
    if (!any || text.size() > 4'096) return std::nullopt;
    if (i < text.size()) {
        if (text[i] != 'e' && text[i] != 'E') return std::nullopt;
        if (++i < text.size() && text[i] == '+') ++i;
        int written = 0;
        const char* last = text.data() + text.size();
        const auto end = std::from_chars(text.data() + i, last, written);
        if (end.ptr != last || i == text.size()) return std::nullopt;
        if (end.ec != std::errc{} || written > 9'999 || written < -9'999) {
            if (coefficient == 0 || text[i] == '-') return Decimal{};
            return std::nullopt;
        }
        exponent += written;
    }
    return normalise(negative ? -coefficient : coefficient, exponent);
}

void append_decimal(std::string& out, const Decimal& value) {
    constexpr int kSmallestPlain = -7;
    if (value.exponent == 0) return append_digits(out, value.coefficient);
    const std::size_t start = out.size();
    append_digits(out, value.coefficient);
    const std::size_t sign = out[start] == '-' ? 1 : 0;
    const std::size_t first = start + sign;
    const auto digits = static_cast<int>(out.size() - first);
    const int magnitude = digits - 1 + value.exponent;
    if (value.exponent < 0 && magnitude >= kSmallestPlain) {
        if (magnitude >= 0) {
            out.insert(first + static_cast<std::size_t>(magnitude) + 1, 1, '.');
        } else {
            std::string zeros = "0.";
            zeros.append(static_cast<std::size_t>(-magnitude - 1), '0');
            out.insert(first, zeros);
        }
        return;
    }
    while (out.size() > first + 1 && out.back() == '0') out.pop_back();
    if (out.size() > first + 1) out.insert(first + 1, 1, '.');
    out += 'E';
    append_digits(out, magnitude);
}

double to_double(const Decimal& value) {
    if (value.exponent == 0) return static_cast<double>(value.coefficient);
    std::string text;
    append_decimal(text, value);
    double number = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
    if (end.ec != std::errc::result_out_of_range) return number;
    if (value.exponent < 0) return 0;
    return value.coefficient < 0 ? -HUGE_VAL : HUGE_VAL;
}

std::optional<std::int64_t> to_int64(const Decimal& value) {
    if (!value.is_int() || !fits_int64(value.coefficient)) return std::nullopt;
    return static_cast<std::int64_t>(value.coefficient);
}

std::optional<Decimal> add(const Decimal& a, const Decimal& b) {
    if (a.exponent == b.exponent) return normalise(a.coefficient + b.coefficient, a.exponent);
    const Decimal& high = a.exponent > b.exponent ? a : b;
    const Decimal& low = a.exponent > b.exponent ? b : a;
    if (const auto same = scaled(high.coefficient, high.exponent - low.exponent)) {
        return normalise(*same + low.coefficient, low.exponent);
    }
    const Aligned wide = align(a, b);
    return normalise(Wide(wide.a + wide.b), wide.exponent);
}

std::optional<Decimal> subtract(const Decimal& a, const Decimal& b) { return add(a, negate(b)); }

std::optional<Decimal> multiply(const Decimal& a, const Decimal& b) {
    const std::int32_t exponent = a.exponent + b.exponent;
    if (fits_int64(a.coefficient) && fits_int64(b.coefficient)) {
        const Int128 product = a.coefficient * b.coefficient;
        if (magnitude_of(product) < kPowers[38]) return normalise(product, exponent);
    }
    return normalise(Wide(a.coefficient) * Wide(b.coefficient), exponent);
}

std::optional<Decimal> divide(const Decimal& a, const Decimal& b) {
    if (b.coefficient == 0) return std::nullopt;
    if (a.coefficient % b.coefficient == 0) {
        return normalise(a.coefficient / b.coefficient, a.exponent - b.exponent);
    }
    // One digit more than is kept, so that normalise() rounds.
    const int shift = kDigits + 1 + digit_count(b.coefficient) - digit_count(a.coefficient);
    const int raised = shift > 0 ? shift : 0;
    const Wide quotient = Wide(a.coefficient) * power_of_ten(raised) / Wide(b.coefficient);
    return normalise(quotient, a.exponent - b.exponent - raised);
}

std::optional<Decimal> remainder(const Decimal& a, const Decimal& b) {
    if (b.coefficient == 0) return std::nullopt;
    if (a.exponent == b.exponent) return normalise(a.coefficient % b.coefficient, a.exponent);
    const Aligned wide = align(a, b);
    return normalise(Wide(wide.a % wide.b), wide.exponent);
}

Decimal negate(const Decimal& value) { return {-value.coefficient, value.exponent}; }

int compare(const Decimal& a, const Decimal& b) {
    const auto order = [](auto x, auto y) { return x < y ? -1 : x > y ? 1 : 0; };
    if (a.exponent == b.exponent) return order(a.coefficient, b.coefficient);
    const int sign_a = order(a.coefficient, Int128{0});
    const int sign_b = order(b.coefficient, Int128{0});
    if (sign_a != sign_b || sign_a == 0) return order(sign_a, sign_b);
    const int magnitude_a = digit_count(a.coefficient) + a.exponent;
    const int magnitude_b = digit_count(b.coefficient) + b.exponent;
    if (magnitude_a != magnitude_b) return magnitude_a < magnitude_b ? -sign_a : sign_a;
    // Same number of digits before the point: the exponents are at most 34 apart.
    const Aligned wide = align(a, b);
    return order(wide.a, wide.b);
}

Decimal round(const Decimal& value, Rounding rounding, int digits) {
    const int surplus = -value.exponent - digits;
    if (surplus <= 0) return value;
    const Int128 power = surplus > 38 ? kPowers[38] : kPowers[static_cast<std::size_t>(surplus)];
    const Int128 rest = surplus > 38 ? value.coefficient : value.coefficient % power;
    Int128 kept = surplus > 38 ? 0 : value.coefficient / power;
    const bool half = surplus <= 38 && magnitude_of(rest) >= power - magnitude_of(rest);
    switch (rounding) {
        case Rounding::towards_zero:
            break;
        case Rounding::floor:
            kept -= rest < 0 ? 1 : 0;
            break;
        case Rounding::ceiling:
            kept += rest > 0 ? 1 : 0;
            break;
        case Rounding::half_away_from_zero:
            if (half) kept += rest < 0 ? -1 : 1;
            break;
    }
    return normalise(kept, -digits).value_or(Decimal{});
}

}  // namespace helio::bridge::rules::sql
