#include "crypto/random.h"

#include "tests/support/catch.h"

#include <array>
#include <set>
#include <vector>

using namespace helio::crypto;

TEST_CASE("a seed gives the same bytes however the requests are cut", "[crypto][random]") {
    const Random whole = seeded_random(7);
    const Random pieces = seeded_random(7);
    std::vector<std::uint8_t> expected(100), actual(100);
    whole(expected);
    std::size_t at = 0;
    for (const std::size_t size : {1u, 2u, 3u, 30u, 64u}) {
        pieces(std::span(actual).subspan(at, size));
        at += size;
    }
    REQUIRE(at == 100);
    CHECK(actual == expected);
}

TEST_CASE("two seeds give two streams", "[crypto][random]") {
    std::array<std::uint8_t, 16> a{}, b{};
    seeded_random(1)(a);
    seeded_random(2)(b);
    CHECK(a != b);
}

TEST_CASE("the system's random bytes do not repeat", "[crypto][random]") {
    const Random random = os_random();
    std::set<std::array<std::uint8_t, 16>> seen;
    for (int i = 0; i < 100; ++i) {
        std::array<std::uint8_t, 16> bytes{};
        random(bytes);
        seen.insert(bytes);
    }
    CHECK(seen.size() == 100);
}

TEST_CASE("a UUID carries version 4 and the RFC's variant", "[crypto][random]") {
    const Random random = seeded_random(3);
    std::set<std::string> seen;
    for (int i = 0; i < 50; ++i) {
        const std::string uuid = uuid4(random);
        CAPTURE(uuid);
        REQUIRE(uuid.size() == 36);
        CHECK(uuid[14] == '4');
        CHECK(std::string("89ab").find(uuid[19]) != std::string::npos);
        CHECK(uuid.find_first_not_of("0123456789abcdef-") == std::string::npos);
        seen.insert(uuid);
    }
    CHECK(seen.size() == 50);
}
