#include "bridge/policy/pattern.h"

#include "tests/support/catch.h"

#include <random>
#include <string>

using namespace helio::bridge::policy;

namespace {

// What a pattern means, by definition and slowly.  ASCII.
bool means(std::string_view pattern, std::string_view text) {
    if (pattern.empty()) return text.empty();
    if (pattern.front() == '*') {
        return means(pattern.substr(1), text) || (!text.empty() && means(pattern, text.substr(1)));
    }
    if (text.empty() || (pattern.front() != '?' && pattern.front() != text.front())) return false;
    return means(pattern.substr(1), text.substr(1));
}

std::string repeated(std::string_view piece, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += piece;
    return out;
}

}  // namespace

TEST_CASE("a pattern matches what its definition says", "[policy]") {
    std::mt19937 random(7);
    const auto text_of = [&](std::string_view letters, std::size_t longest) {
        std::string out;
        for (std::size_t i = random() % (longest + 1); i > 0; --i) {
            out += letters[random() % letters.size()];
        }
        return out;
    };
    std::size_t matching = 0;
    for (int i = 0; i < 20'000; ++i) {
        const std::string pattern = text_of("ab*?", 8), text = text_of("ab", 10);
        CAPTURE(pattern, text);
        const bool expected = means(pattern, text);
        REQUIRE(Pattern::with_wildcards(pattern).matches(text) == expected);
        matching += expected;
    }
    CHECK(matching > 2'000);
}

TEST_CASE("ten thousand wildcards are no work", "[policy]") {
    const std::string text = repeated("a", 60'000);
    CHECK(Pattern::with_wildcards(repeated("a*", 10'000)).matches(text));
    CHECK_FALSE(Pattern::with_wildcards(repeated("a*", 10'000) + "b").matches(text));
    CHECK_FALSE(Pattern::with_wildcards(repeated("*aab", 10'000)).matches(text));
    CHECK(Pattern::with_wildcards(repeated("*", 10'000)) == Pattern::with_wildcards("*"));
    CHECK(Pattern::with_wildcards(repeated("?*", 10'000)).matches(text));
    CHECK_FALSE(Pattern::with_wildcards(repeated("?", 60'001)).matches(text));
    // A literal of half the text, which almost fits everywhere.
    CHECK_FALSE(Pattern::with_wildcards("*" + repeated("a", 30'000) + "b*").matches(text));
}

TEST_CASE("a literal text has no wildcards", "[policy]") {
    const Pattern pattern = Pattern::literal("a*b?");
    CHECK(pattern.matches("a*b?"));
    CHECK_FALSE(pattern.matches("axxbx"));
    CHECK(pattern.text() == "a${*}b${?}");
    CHECK(Pattern::with_wildcards("a*b?").text() == "a*b?");
}
