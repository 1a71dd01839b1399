#include "bridge/integration/json_text.h"

#include "tests/support/catch.h"

#include <limits>

using namespace helio;
using namespace helio::bridge::integration;

namespace {

std::string quoted(std::string_view text) {
    std::string out;
    append_json_string(out, text);
    return out;
}
template <class Value>
std::string number(Value value) {
    std::string out;
    append_number(out, value);
    return out;
}
std::string base64(std::string_view text) {
    std::string out;
    append_base64(out, bytes_of(text));
    return out;
}
std::string rfc3339(std::int64_t us) {
    std::string out;
    append_time(out, from_unix_us(us));
    return out;
}
std::string duration(std::int64_t ns) {
    std::string out;
    append_duration(out, std::chrono::nanoseconds(ns));
    return out;
}

}  // namespace

TEST_CASE("quotes, backslashes and control characters are escaped (RFC 8259 section 7)",
          "[integration]") {
    using namespace std::string_literals;
    CHECK(quoted("") == R"("")");
    CHECK(quoted("plain / text") == R"("plain / text")");
    CHECK(quoted("a\"b\\c") == R"("a\"b\\c")");
    CHECK(quoted("\b\f\n\r\t") == R"("\b\f\n\r\t")");
    CHECK(quoted("\0\x1f\x7f"s) == "\"\\u0000\\u001f\x7f\"");
}

TEST_CASE("UTF-8 passes and bytes that are none become U+FFFD", "[integration]") {
    const std::string bad = "\xef\xbf\xbd";
    for (const std::string good : {"é", "€", "😀", "\xf4\x8f\xbf\xbf"}) {
        CAPTURE(good);
        CHECK(quoted("a" + good + "b") == "\"a" + good + "b\"");
    }
    CHECK(quoted("\xff") == "\"" + bad + "\"");
    CHECK(quoted("a\xc3") == "\"a" + bad + "\"");
    CHECK(quoted("\xc0\xaf") == "\"" + bad + bad + "\"");                      // overlong
    CHECK(quoted("\xe0\x80\x80") == "\"" + bad + bad + bad + "\"");            // overlong
    CHECK(quoted("\xed\xa0\x80") == "\"" + bad + bad + bad + "\"");            // a surrogate
    CHECK(quoted("\xf4\x90\x80\x80") == "\"" + bad + bad + bad + bad + "\"");  // above U+10FFFF
    CHECK(quoted("\xe2\x82z") == "\"" + bad + bad + "z\"");
}

TEST_CASE("a number is written shortest, and what JSON cannot say as 0", "[integration]") {
    CHECK(number(9.5f) == "9.5");
    CHECK(number(-10.0f) == "-10");
    CHECK(number(0.1f) == "0.1");
    CHECK(number(0.1) == "0.1");
    CHECK(number(std::numeric_limits<float>::quiet_NaN()) == "0");
    CHECK(number(-std::numeric_limits<double>::infinity()) == "0");
    CHECK(number(std::uint32_t{4'294'967'295}) == "4294967295");
    CHECK(number(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
}

TEST_CASE("base64 is padded (RFC 4648 section 10)", "[integration]") {
    CHECK(base64("").empty());
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("\xff\xfe\xfd") == "//79");
}

TEST_CASE("hexadecimal and UUIDs are lower-case, most significant digit first", "[integration]") {
    std::string out;
    append_hex32(out, 0x0102abcd);
    append_hex64(out, 0x00000000000000ef);
    CHECK(out == "0102abcd00000000000000ef");
    out.clear();
    append_uuid(out, bytes_of(std::string_view("\x01\x02", 2)));
    CHECK(out == "01020000-0000-0000-0000-000000000000");
}

TEST_CASE("a time has as many digits of fraction as it needs", "[integration]") {
    CHECK(rfc3339(0) == "1970-01-01T00:00:00+00:00");
    CHECK(rfc3339(1'709'251'199'001'000) == "2024-02-29T23:59:59.001+00:00");
    CHECK(rfc3339(1'709'251'199'000'001) == "2024-02-29T23:59:59.000001+00:00");
    CHECK(rfc3339(-1) == "1969-12-31T23:59:59.999999+00:00");
    std::string out;
    append_time_seconds(out, from_unix_us(1'620'012'269'999'999));
    CHECK(out == "2021-05-03T03:24:29Z");
}

TEST_CASE("a duration is seconds with an s", "[integration]") {
    CHECK(duration(0) == "0s");
    CHECK(duration(12'345'000'000) == "12.345s");
    CHECK(duration(-1'000) == "-0.000001s");
    CHECK(duration(1'000'000'001) == "1.000000001s");
}
