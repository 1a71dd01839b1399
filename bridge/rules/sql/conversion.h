// The standard conversions of IoT SQL, and cast().
//
//   from \ to | Decimal          | Int                 | Boolean         | String
//   Int       | same             | same                | -               | standard notation
//   Decimal   | same             | rounded             | -               | may be scientific
//   Boolean   | -                | -                   | same            | true / false
//   String    | where it is one  | as Decimal, cut off | true / false    | same
//   Array     | -                | -                   | -               | compact JSON
//   Object    | -                | -                   | -               | compact JSON
//   Null      | -                | -                   | -               | -
//   Undefined | -                | -                   | -               | -
//
// Where there is "-" the result is Undefined.
#pragma once

#include "bridge/rules/sql/arena.h"
#include "bridge/rules/sql/ast.h"
#include "bridge/rules/sql/value.h"

#include <optional>
#include <string>

namespace helio::bridge::rules::sql {

// Strings convert where they match -?digits[.digits][E[-]digits] as a whole.
std::optional<Decimal> to_decimal(const Value& value);
std::optional<Decimal> to_whole(const Value& value);
// Most functions floor where the standard conversion rounds.
std::optional<Decimal> to_floor(const Value& value);
std::optional<bool> to_boolean(const Value& value);

// False where the value has no conversion to String; then nothing is appended.
bool append_string(std::string& out, const Value& value, Version version);

// True for Int, and since 2016-03-23 for whole Decimals.
inline bool is_int(const Value& value, Version version) {
    if (value.is(Type::integer)) return true;
    return version != Version::v2015_10_08 && value.is(Type::decimal) && value.as_number().is_int();
}

// A number as the result of arithmetic: Int where it is whole, except that in 2015-10-08 what was
// made of a Decimal stays one.
inline Value number_value(const Decimal& number, bool from_ints, Version version) {
    if (version == Version::v2015_10_08 && !from_ints) return Value::decimal(number);
    return Value::number(number);
}

class Evaluation;
// cast(value AS type)
Value cast(const Value& value, CastType type, Evaluation& evaluation);

}  // namespace helio::bridge::rules::sql
