// The functions of IoT SQL as a table: one row each.
//
// To add one: write its body in a functions_*.cpp and add its row to that file's table.
#pragma once

#include "bridge/rules/sql/json.h"
#include "bridge/rules/sql/value.h"

#include <cstdint>
#include <span>
#include <string_view>

namespace helio::bridge::rules::sql {

class Evaluation;
class Regex;

struct Arguments {
    std::span<const Value> values;
    Evaluation& evaluation;
    const Regex* regex;  // of the second argument, where that is a literal

    std::size_t size() const { return values.size(); }
    // Undefined behind the last one.
    Value operator[](std::size_t i) const { return i < values.size() ? values[i] : Value(); }
};

struct Function {
    static constexpr std::uint8_t kAny = 255;

    std::string_view name;  // lower-case; found in any case
    std::uint8_t min_arguments;
    std::uint8_t max_arguments;  // with fewer or more the result is Undefined
    Version since;
    Value (*evaluate)(const Arguments&);  // null: known, but not served here
    bool takes_pattern = false;           // the second argument is a regular expression
    bool takes_bytes = false;             // `*` as an argument is the payload byte for byte
};

// Null where there is none.
const Function* find_function(std::string_view name);
// All of them: a span a file.
std::span<const std::span<const Function>> function_tables();

// The tables that find_function() looks through.
std::span<const Function> number_functions();
std::span<const Function> text_functions();
std::span<const Function> value_functions();
std::span<const Function> message_functions();
std::span<const Function> time_functions();
std::span<const Function> external_functions();

}  // namespace helio::bridge::rules::sql
