// Numbers of IoT SQL: decimal, 34 digits, from 1E-999 to 9.99E999.
//
// coefficient * 10^exponent, always in one form: no trailing zeros behind the point, and a whole
// number of at most 34 digits has exponent 0.  So equal numbers are equal member by member.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace helio::bridge::rules::sql {

using Int128 = __int128;

struct Decimal {
    Int128 coefficient = 0;
    std::int32_t exponent = 0;

    bool is_whole() const { return exponent >= 0; }
    // A whole number that fits the type Int.
    bool is_int() const { return exponent == 0; }
    friend bool operator==(const Decimal&, const Decimal&) = default;
};

Decimal decimal_of(std::int64_t value);
// Absent for infinities and NaN; 17 significant digits at most.
std::optional<Decimal> decimal_of(double value);

// Digits, with '-', a point and an exponent as JSON allows them; absent where the number is outside
// the range or the text is none.  Digits after the 34th are rounded.
std::optional<Decimal> parse_decimal(std::string_view text);

// Without exponent between 1E-7 and 1E34, else "1.5E-10".
void append_decimal(std::string& out, const Decimal& value);

double to_double(const Decimal& value);
// Of whole numbers in the range of the type.
std::optional<std::int64_t> to_int64(const Decimal& value);

std::optional<Decimal> add(const Decimal& a, const Decimal& b);
std::optional<Decimal> subtract(const Decimal& a, const Decimal& b);
std::optional<Decimal> multiply(const Decimal& a, const Decimal& b);
std::optional<Decimal> divide(const Decimal& a, const Decimal& b);     // absent: by 0
std::optional<Decimal> remainder(const Decimal& a, const Decimal& b);  // the sign is that of a
Decimal negate(const Decimal& value);
// Negative, 0 or positive.
int compare(const Decimal& a, const Decimal& b);

enum class Rounding : std::uint8_t { towards_zero, floor, ceiling, half_away_from_zero };
// To `digits` digits behind the point.
Decimal round(const Decimal& value, Rounding rounding, int digits = 0);

}  // namespace helio::bridge::rules::sql
