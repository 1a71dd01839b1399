#include "base/net/uri.h"

#include "tests/support/catch.h"

using namespace helio::net;

TEST_CASE("all but the unreserved characters are percent-encoded in upper case", "[net][uri]") {
    CHECK(percent_encode("AZaz09-._~") == "AZaz09-._~");
    CHECK(percent_encode("a b/c?d=\xc3\xa9*'(") == "a%20b%2Fc%3Fd%3D%C3%A9%2A%27%28");
    CHECK(percent_encode("/thing/a b", "/") == "/thing/a%20b");
    CHECK(percent_encode("%41") == "%2541");
}

TEST_CASE("what was percent-encoded is decoded to itself", "[net][uri]") {
    std::string all;
    for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
    CHECK(percent_decode(percent_encode(all)) == all);
}

TEST_CASE("a broken percent-encoding is refused", "[net][uri]") {
    for (const char* text : {"%", "%4", "a%4", "%zz", "%4g", "%%41"}) {
        CAPTURE(text);
        CHECK_FALSE(percent_decode(text));
    }
}

TEST_CASE("a plus is itself in a path and a space in a query", "[net][uri]") {
    CHECK(percent_decode("a+b") == "a+b");
    CHECK(parse_query("q=a+b%2B") == std::vector<QueryParameter>{{"q", "a b+"}});
}

TEST_CASE("a query keeps its parameters in order, repeated and empty ones too", "[net][uri]") {
    CHECK(
        parse_query("b=2&a=1&b=&c&&d=x%3Dy=z") ==
        std::vector<QueryParameter>{{"b", "2"}, {"a", "1"}, {"b", ""}, {"c", ""}, {"d", "x=y=z"}});
    CHECK(parse_query("") == std::vector<QueryParameter>{});
    CHECK_FALSE(parse_query("a=%"));
}
