#include "base/base64.h"

#include "tests/support/catch.h"

#include <array>
#include <string>

using namespace helio;

TEST_CASE("base64 has the vectors of RFC 4648, section 10", "[base]") {
    const auto [plain, coded] = GENERATE(table<std::string, std::string>({{"", ""},
                                                                          {"f", "Zg=="},
                                                                          {"fo", "Zm8="},
                                                                          {"foo", "Zm9v"},
                                                                          {"foob", "Zm9vYg=="},
                                                                          {"fooba", "Zm9vYmE="},
                                                                          {"foobar", "Zm9vYmFy"}}));
    CHECK(to_base64(bytes_of(plain)) == coded);
    REQUIRE(from_base64(coded));
    CHECK(text_of(*from_base64(coded)) == plain);
    const std::string bare = coded.substr(0, coded.find('='));
    REQUIRE(from_base64(bare));
    CHECK(text_of(*from_base64(bare)) == plain);
}

TEST_CASE("base64 is read in both alphabets, each byte in each place", "[base]") {
    for (unsigned byte = 0; byte < 256; ++byte) {
        for (std::size_t place = 0; place < 4; ++place) {
            Bytes bytes(4, 0);
            bytes[place] = static_cast<std::uint8_t>(byte);
            std::string text = to_base64(bytes);
            CHECK(from_base64(text) == bytes);
            for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
            CHECK(from_base64(text) == bytes);
        }
    }
}

TEST_CASE("base64 with a foreign character or an impossible length is refused", "[base]") {
    for (const char* text : {"Z",
                             "Zm9vY",
                             "Zg===",
                             "=",
                             "==",
                             "Zm9v=",
                             "Zm9v==",
                             "Zm8==",
                             "Zg=a",
                             "Z=g=",
                             "Zm9 vYg",
                             "Zm9v\n",
                             "Z.==",
                             "Zm\x80v",
                             "Zm9*"}) {
        CAPTURE(text);
        CHECK_FALSE(from_base64(text));
    }
}

TEST_CASE("one of two padding characters may be missing", "[base]") {
    CHECK(from_base64("Zg=") == Bytes{'f'});
}

TEST_CASE("base64 is read into a buffer without an overrun", "[base]") {
    std::array<std::uint8_t, 4> out{0xee, 0xee, 0xee, 0xee};
    CHECK(from_base64("Zm9v", std::span(out).first(3)) == 3);
    CHECK(out == std::array<std::uint8_t, 4>{'f', 'o', 'o', 0xee});
    CHECK_FALSE(from_base64("Zm9vYg", std::span(out).first(3)));
    CHECK(from_base64("Zm9vYg", out) == 4);
    CHECK_FALSE(from_base64("Zm9*", out));
    CHECK(from_base64("", std::span<std::uint8_t>()) == 0);
}
