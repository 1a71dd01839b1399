// Regular expressions of rules: RE2, whose time is linear in the text, because patterns and texts
// both come from people.  Java's lookaround, back references and possessive quantifiers are
// refused.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace helio::bridge::rules::sql {

class Regex {
  public:
    // Null where the pattern is none.
    static std::shared_ptr<const Regex> compile(std::string_view pattern);
    ~Regex();

    // Somewhere in `text`.
    bool matches(std::string_view text) const;
    // The first match in `text`.
    std::optional<std::string_view> find(std::string_view text) const;
    // Every match; `$1` in the replacement is the first group, `\$` a dollar.  Absent where the
    // replacement names a group that the pattern does not have, or the result is above `max_size`.
    std::optional<std::string> replace(std::string_view text,
                                       std::string_view replacement,
                                       std::size_t max_size) const;

  private:
    struct State;
    explicit Regex(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace helio::bridge::rules::sql
