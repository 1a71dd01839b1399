// Text with wildcards, compiled: * is any run of characters, ? is one character, also across "/".
//
// Matching never goes back: each piece between two * is found once, from the left, so that ten
// thousand wildcards cost no more than the search for the texts between them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::policy {

class Pattern {
  public:
    Pattern() : literals_(1) {}  // matches the empty text
    static Pattern literal(std::string text);
    // Each * and ? of `text` is a wildcard.
    static Pattern with_wildcards(std::string_view text);

    // What is built up from the left.
    void add_literal(std::string_view text) { literals_.back().text += text; }
    void add_any_run();
    void add_any_character();

    // `text` is UTF-8; ? takes one code point.
    bool matches(std::string_view text) const;

    bool is_literal() const { return literals_.size() == 1; }
    // What a pattern without wildcards matches.
    const std::string& literal_text() const { return literals_.front().text; }
    // As people read it: wildcards of the pattern as * and ?, the same characters of its literal
    // texts as ${*} and ${?}.
    std::string text() const;

    friend bool operator==(const Pattern&, const Pattern&) = default;

  private:
    enum class Before : std::uint8_t { nothing, any_character, any_run };
    struct Literal {
        std::string text;
        Before before = Before::nothing;
        friend bool operator==(const Literal&, const Literal&) = default;
    };
    using Iterator = std::vector<Literal>::const_iterator;

    // A segment is what stands between two *: literals with one character between each two.
    Iterator end_of_segment(Iterator begin) const;
    static bool starts_with(Iterator begin, Iterator end, std::string_view& text);
    static bool ends_with(Iterator begin, Iterator end, std::string_view& text);
    static bool find(Iterator begin, Iterator end, std::string_view& text);

    std::vector<Literal> literals_;  // never empty; the first has nothing before it
};

}  // namespace helio::bridge::policy
