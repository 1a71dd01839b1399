// IoT SQL text to tokens.
//
// Tokens borrow the text.  Both '...' and "..." are string literals; there are no escapes and no
// comments.
#pragma once

#include "base/result.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::rules::sql {

// Where, as bytes from the beginning of the statement, and what a person should know.
struct SqlError {
    std::size_t position = 0;
    std::string message;
};

struct Token {
    enum class Kind : std::uint8_t {
        word,      // a keyword, a name of an attribute or function
        variable,  // @name: text is without the @
        string,    // text is without the quotes
        number,
        symbol,  // one of ( ) [ ] { } , . : * / % + - = < > <= >= <>
        end,
    };
    Kind kind = Kind::end;
    std::string_view text;
    std::size_t position = 0;
    std::size_t length = 0;  // in the statement, with quotes
};

// Ends with a token `end`.
Result<std::vector<Token>, SqlError> tokenize(std::string_view sql);

// ASCII letters only.
bool equals_ignoring_case(std::string_view a, std::string_view b);

}  // namespace helio::bridge::rules::sql
