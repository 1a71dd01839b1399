// abs() to trunc(): functions of numbers.
#include "bridge/rules/sql/conversion.h"
#include "bridge/rules/sql/evaluation.h"
#include "bridge/rules/sql/function.h"

#include <algorithm>
#include <cmath>

namespace helio::bridge::rules::sql {
namespace {

Version version_of(const Arguments& a) { return a.evaluation.version(); }

// A function in double precision; what is imaginary or infinite is Undefined.
template <double (*F)(double)>
Value real(const Arguments& a) {
    const auto x = to_decimal(a[0]);
    const auto y = x ? decimal_of(F(to_double(*x))) : std::nullopt;
    return y ? number_value(*y, false, version_of(a)) : Value();
}
template <double (*F)(double, double)>
Value real2(const Arguments& a) {
    const auto x = to_decimal(a[0]);
    const auto y = to_decimal(a[1]);
    if (!x || !y) return {};
    const auto z = decimal_of(F(to_double(*x), to_double(*y)));
    return z ? number_value(*z, false, version_of(a)) : Value();
}

template <Rounding R>
Value whole(const Arguments& a) {
    const auto x = to_decimal(a[0]);
    return x ? Value::number(round(*x, R)) : Value();
}

Value abs(const Arguments& a) {
    const auto x = to_decimal(a[0]);
    if (!x) return {};
    const bool int_in = is_int(a[0], version_of(a));
    return number_value(x->coefficient < 0 ? negate(*x) : *x, int_in, version_of(a));
}

Value sign(const Arguments& a) {
    const auto x = to_decimal(a[0]);
    return x ? Value::integer(compare(*x, {})) : Value();
}

Value mod(const Arguments& a) {
    const auto x = to_decimal(a[0]);
    const auto y = to_decimal(a[1]);
    const auto rest = x && y ? remainder(*x, *y) : std::nullopt;
    if (!rest) return {};
    const bool ints = is_int(a[0], version_of(a)) && is_int(a[1], version_of(a));
    return number_value(*rest, ints, version_of(a));
}

Value trunc(const Arguments& a) {
    constexpr std::int64_t kMaxDigits = 34;
    const auto x = to_decimal(a[0]);
    const auto n = to_floor(a[1]);
    if (!x || !n) return {};
    const auto digits = std::clamp<std::int64_t>(
        to_int64(*n).value_or(n->coefficient < 0 ? 0 : kMaxDigits), 0, kMaxDigits);
    return Value::number(round(*x, Rounding::towards_zero, static_cast<int>(digits)));
}

std::optional<std::int64_t> bits(const Value& value) {
    const auto number = to_floor(value);
    return number ? to_int64(*number) : std::nullopt;
}
template <std::int64_t (*F)(std::int64_t, std::int64_t)>
Value bitwise(const Arguments& a) {
    const auto x = bits(a[0]);
    const auto y = bits(a[1]);
    return x && y ? Value::integer(F(*x, *y)) : Value();
}
std::int64_t bit_and(std::int64_t x, std::int64_t y) { return x & y; }
std::int64_t bit_or(std::int64_t x, std::int64_t y) { return x | y; }
std::int64_t bit_xor(std::int64_t x, std::int64_t y) { return x ^ y; }
Value bit_not(const Arguments& a) {
    const auto x = bits(a[0]);
    return x ? Value::integer(~*x) : Value();
}

Value rand(const Arguments& a) {
    constexpr double kTwoToMinus53 = 0x1p-53;
    std::uint8_t bytes[8];
    a.evaluation.scope().machinery().random(bytes);
    std::uint64_t n = 0;
    for (const std::uint8_t byte : bytes) n = n << 8 | byte;
    const auto x = decimal_of(static_cast<double>(n >> 11) * kTwoToMinus53);
    return number_value(*x, false, version_of(a));
}

constexpr auto kOld = Version::v2015_10_08;

constexpr Function kFunctions[] = {
    {"abs", 1, 1, kOld, abs},
    {"acos", 1, 1, kOld, real<std::acos>},
    {"asin", 1, 1, kOld, real<std::asin>},
    {"atan", 1, 1, kOld, real<std::atan>},
    {"atan2", 2, 2, kOld, real2<std::atan2>},
    {"bitand", 2, 2, kOld, bitwise<bit_and>},
    {"bitnot", 1, 1, kOld, bit_not},
    {"bitor", 2, 2, kOld, bitwise<bit_or>},
    {"bitxor", 2, 2, kOld, bitwise<bit_xor>},
    {"ceil", 1, 1, kOld, whole<Rounding::ceiling>},
    {"cos", 1, 1, kOld, real<std::cos>},
    {"cosh", 1, 1, kOld, real<std::cosh>},
    {"exp", 1, 1, kOld, real<std::exp>},
    {"floor", 1, 1, kOld, whole<Rounding::floor>},
    {"ln", 1, 1, kOld, real<std::log>},
    {"log", 1, 1, kOld, real<std::log10>},
    {"mod", 2, 2, kOld, mod},
    {"power", 2, 2, kOld, real2<std::pow>},
    {"rand", 0, 0, kOld, rand},
    {"remainder", 2, 2, kOld, mod},
    {"round", 1, 1, kOld, whole<Rounding::half_away_from_zero>},
    {"sign", 1, 1, kOld, sign},
    {"sin", 1, 1, kOld, real<std::sin>},
    {"sinh", 1, 1, kOld, real<std::sinh>},
    {"sqrt", 1, 1, kOld, real<std::sqrt>},
    {"tan", 1, 1, kOld, real<std::tan>},
    {"tanh", 1, 1, kOld, real<std::tanh>},
    {"trunc", 2, 2, kOld, trunc},
};

}  // namespace

std::span<const Function> number_functions() { return kFunctions; }

}  // namespace helio::bridge::rules::sql
