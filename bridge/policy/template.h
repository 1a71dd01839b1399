// Text of a policy in which variables stand: "topic/${iot:ClientId}/*".  Parsed once with the
// document, filled in for each connection.
//
//   ${name}            the variable's value, taken literally: its * and ? are no wildcards
//   ${name, 'text'}    the text where the variable has no value; '' in it is a '
//   ${*} ${?} ${$}     these characters themselves
//
// A "$" that begins none of these is text.
#pragma once

#include "base/result.h"
#include "bridge/policy/pattern.h"
#include "bridge/policy/variables.h"

#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::policy {

enum class Wildcards : std::uint8_t { are_text, match };
// Documents of version 2008-10-17 know no variables.
enum class Variables : std::uint8_t { are_text, are_filled_in };

// What one has to know beyond the context to fill a text in.
struct FillIn {
    // A value with + or # in it has no place in a topic filter: a client that calls itself "+"
    // would reach everybody's topics.  AWS warns of it, we refuse it.
    bool mqtt_wildcards_are_values = true;
};

class Template {
  public:
    // The error is a sentence.
    static Result<Template, std::string> parse(std::string_view text, Wildcards, Variables);

    const std::string& text() const { return text_; }
    bool has_variables() const { return !pieces_.empty(); }
    // It depends on more than the connection.
    bool changes() const;
    // Of a text without variables.
    const Pattern& pattern() const { return pattern_; }

    // Absent where a variable has no value that can stand here; such a text matches nothing.
    std::optional<Pattern> fill_in(const Context& context, const FillIn& how = {}) const;

    struct Piece {
        enum class Kind : std::uint8_t { text, any_run, any_character, variable };
        Kind kind = Kind::text;
        std::string text;  // the text, or the variable's default
        std::optional<Variable> variable{};
        bool has_default = false;
    };
    // Empty where there are no variables.
    const std::vector<Piece>& pieces() const { return pieces_; }

  private:
    std::string text_;
    Pattern pattern_;
    std::vector<Piece> pieces_;
};

// The value that may stand in a text, or none.
std::optional<std::string> substituted(const Template::Piece& piece,
                                       const Context& context,
                                       const FillIn& how);

}  // namespace helio::bridge::policy
