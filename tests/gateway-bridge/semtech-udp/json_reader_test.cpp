#include "gateway-bridge/semtech-udp/json_reader.h"

#include "tests/support/catch.h"

#include <array>
#include <cmath>
#include <string>

using namespace helio::gateway_bridge::semtech_udp;

namespace {

bool is_json(std::string_view text) {
    JsonReader in(text);
    in.skip();
    return !in.failed() && in.at_end();
}

std::optional<std::string> unescaped(std::string_view text) {
    JsonReader in(text);
    const auto string = in.string();
    if (!string) return std::nullopt;
    std::array<char, 64> scratch;
    const auto out = string->text(scratch);
    if (!out) return std::nullopt;
    return std::string(*out);
}

}  // namespace

TEST_CASE("what RFC 8259 allows is read", "[json]") {
    const auto* const text = GENERATE("{}",
                                      "[]",
                                      " \t\r\n{ } ",
                                      "null",
                                      "true",
                                      "false",
                                      "0",
                                      "-0",
                                      "1.5e-3",
                                      "\"\"",
                                      R"("\u00e9\n")",
                                      "[1,[2,{}],\"x\"]",
                                      R"({"a":{"b":[{}]},"c":null})");
    CAPTURE(text);
    CHECK(is_json(text));
}

TEST_CASE("what RFC 8259 does not allow is no JSON", "[json]") {
    const auto* const text = GENERATE("",
                                      "{",
                                      "[",
                                      "]",
                                      "{]",
                                      "[}",
                                      "[1,]",
                                      "[,1]",
                                      "[1 2]",
                                      R"({"a":1,})",
                                      R"({"a"})",
                                      R"({"a" 1})",
                                      "{a:1}",
                                      R"({"a":})",
                                      "01",
                                      "1.",
                                      ".5",
                                      "+1",
                                      "-",
                                      "1e",
                                      "1e+",
                                      "0x1",
                                      "nul",
                                      "truee",
                                      "NaN",
                                      "\"",
                                      "\"\\\"",
                                      "\"\\x\"",
                                      "\"\\u12g4\"",
                                      "\"a\nb\"",
                                      "{} {}",
                                      "'a'",
                                      "\xef\xbb\xbf{}");
    CAPTURE(text);
    CHECK_FALSE(is_json(text));
}

TEST_CASE("nesting is followed to a limit and refused beyond it", "[json]") {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    CHECK(is_json(nested(JsonReader::kMaxDepth)));
    CHECK_FALSE(is_json(nested(JsonReader::kMaxDepth + 1)));
}

TEST_CASE("a number is exact where a double can be", "[json]") {
    struct Row {
        const char* text;
        double value;
        std::optional<std::int64_t> integer;
    };
    const auto row = GENERATE(values<Row>({
        {"868.1", 868.1, {}},
        {"868.100000", 868.1, {}},
        {"-35", -35, -35},
        {"4294967295", 4294967295.0, 4294967295},
        {"5e1", 50, {}},
        {"1.0", 1, {}},
        {"9007199254740993", 9007199254740992.0, 9007199254740993},
        {"0.30000000000000004", 0.30000000000000004, {}},
        {"99999999999999999999", 1e20, {}},
        {"1e400", INFINITY, {}},
    }));
    CAPTURE(row.text);
    JsonReader in(row.text);
    const auto number = in.number();
    REQUIRE(number);
    CHECK(number->value == row.value);
    CHECK(number->integer == row.integer);
    CHECK(in.at_end());
}

TEST_CASE("a value of another type is skipped and absent", "[json]") {
    JsonReader in(R"([{"a":[1]}, "x", 5])");
    REQUIRE(in.enter_array());
    REQUIRE(in.next_element());
    CHECK_FALSE(in.number());
    REQUIRE(in.next_element());
    CHECK_FALSE(in.enter_object());
    CHECK_FALSE(in.number());
    REQUIRE(in.next_element());
    CHECK_FALSE(in.string());
    CHECK_FALSE(in.next_element());
    CHECK_FALSE(in.failed());
    CHECK(in.at_end());
}

TEST_CASE("escapes are undone", "[json]") {
    CHECK(unescaped(R"("a\/b\"\\\t")") == "a/b\"\\\t");
    CHECK(unescaped(R"("\u0041\u00e9\u20ac")") == "A\u00e9\u20ac");
    CHECK(unescaped(R"("\ud83d\ude00")") == "\U0001f600");
    CHECK_FALSE(unescaped(R"("\ud83d")"));
    CHECK_FALSE(unescaped(R"("\ude00")"));
    CHECK_FALSE(unescaped(R"("\ud83d\u0041")"));
}

TEST_CASE("a string that does not fit the scratch is absent", "[json]") {
    CHECK_FALSE(unescaped("\"\\n" + std::string(64, 'x') + "\""));
}

TEST_CASE("UTF-8 is told from what is not", "[json]") {
    CHECK(is_utf8("plain, \u00e9, \u20ac, \U0001f600"));
    for (const char* text :
         {"\xff", "\xc3", "\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\x80"}) {
        CHECK_FALSE(is_utf8(text));
    }
}
