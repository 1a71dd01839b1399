#include "base/time.h"

#include "tests/support/catch.h"

using namespace helio;

namespace {

constexpr Instant kExample = from_unix_us(1'795'253'400'123'456);  // 2026-11-21T09:30:00.123456Z

}  // namespace

TEST_CASE("an instant is written as RFC 3339 in UTC", "[base]") {
    CHECK(to_rfc3339(kExample) == "2026-11-21T09:30:00.123456Z");
    CHECK(to_rfc3339(kExample, 3) == "2026-11-21T09:30:00.123Z");
    CHECK(to_rfc3339(kExample, 0) == "2026-11-21T09:30:00Z");
    CHECK(to_rfc3339(from_unix_us(0)) == "1970-01-01T00:00:00.000000Z");
    CHECK(to_rfc3339(from_unix_us(-1)) == "1969-12-31T23:59:59.999999Z");
    CHECK(to_rfc3339(from_unix_us(951'782'400'000'000), 0) == "2000-02-29T00:00:00Z");
    CHECK(to_rfc3339(Instant::max(), 0) == "9999-12-31T23:59:59Z");
    CHECK(to_rfc3339(Instant::min(), 0) == "0000-01-01T00:00:00Z");
}

TEST_CASE("a time is read in the forms that packet forwarders and people use", "[base]") {
    const auto [text, us] = GENERATE(table<const char*, std::int64_t>({
        {"2026-11-21T09:30:00.123456Z", 1'795'253'400'123'456},
        {"2026-11-21T09:30:00.123456789Z", 1'795'253'400'123'456},
        {"2026-11-21t09:30:00.5z", 1'795'253'400'500'000},
        {"2026-11-21T09:30:00,5Z", 1'795'253'400'500'000},
        {"2026-11-21 09:30:00 GMT", 1'795'253'400'000'000},
        {"2026-11-21 09:30:00 UTC", 1'795'253'400'000'000},
        {"2026-11-21T09:30:00", 1'795'253'400'000'000},
        {"2026-11-21T10:30:00+01:00", 1'795'253'400'000'000},
        {"2026-11-21T10:30:00 +0100", 1'795'253'400'000'000},
        {"2026-11-21T10:30:00+01", 1'795'253'400'000'000},
        {"2026-11-21T04:00:00-05:30", 1'795'253'400'000'000},
        {"20261121T093000Z", 1'795'253'400'000'000},
        {"20261121T093000.25+0000", 1'795'253'400'250'000},
        {"1970-01-01T00:00:00Z", 0},
        {"2000-02-29T00:00:00Z", 951'782'400'000'000},
        {"2016-12-31T23:59:60Z", 1'483'228'800'000'000},
        {"9999-12-31T23:59:59Z", 253'402'300'799'000'000},
    }));
    CAPTURE(text);
    REQUIRE(from_rfc3339(text));
    CHECK(to_unix_us(*from_rfc3339(text)) == us);
}

TEST_CASE("what is no time is refused", "[base]") {
    for (const char* text : {"",
                             "2026",
                             "2026-11-21",
                             "2026-11-21T",
                             "2026-11-21T09:30Z",
                             "2026-13-21T09:30:00Z",
                             "2026-00-21T09:30:00Z",
                             "2026-02-29T09:30:00Z",
                             "2026-11-31T09:30:00Z",
                             "2026-11-21T24:00:00Z",
                             "2026-11-21T09:60:00Z",
                             "2026-11-21T09:30:61Z",
                             "2026-11-21T09:30:00.Z",
                             "2026-11-21T09:30:00ZZ",
                             "2026-11-21T09:30:00+1",
                             "2026-11-21T09:30:00+24:00",
                             "2026-11-21T09:30:00+01:60",
                             "2026-11-21T09:30:00+01:0",
                             "2026-1121T09:30:00Z",
                             "2026-11-21T0930:00Z",
                             "1969-12-31T23:59:59Z",
                             "+026-11-21T09:30:00Z",
                             "2026-11-21T09:30:00 CET"}) {
        CAPTURE(text);
        CHECK_FALSE(from_rfc3339(text));
    }
}

TEST_CASE("a time that is written and read is the same", "[base]") {
    for (std::int64_t us = 0; us < 253'402'300'799'999'999; us += 997'331'117'333'331) {
        REQUIRE(from_rfc3339(to_rfc3339(from_unix_us(us))) == from_unix_us(us));
    }
}

TEST_CASE("GPS time runs 18 s ahead of UTC", "[base]") {
    // 2017-01-01T00:00:00Z, the first instant with 18 leap seconds.
    const Instant at = from_unix_us(1'483'228'800'000'000);
    CHECK(to_gps(at).since_epoch == std::chrono::seconds(1'167'264'018));
    CHECK(to_utc(to_gps(at)) == at);
}
