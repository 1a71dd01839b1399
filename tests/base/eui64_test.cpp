#include "base/eui64.h"

#include "tests/support/catch.h"

using helio::Eui64;

TEST_CASE("an EUI is written most significant digit first, whatever its order on the wire",
          "[base]") {
    const auto eui = Eui64::from_text("0016c001ff10a235");
    REQUIRE(eui);
    CHECK(eui->value() == 0x0016c001ff10a235u);
    CHECK(eui->big_endian().front() == 0x00);
    CHECK(eui->little_endian().front() == 0x35);
    CHECK(Eui64::from_big_endian(eui->big_endian()) == *eui);
    CHECK(Eui64::from_little_endian(eui->little_endian()) == *eui);
    CHECK(eui->to_text() == "0016c001ff10a235");
}

TEST_CASE("an EUI is read with one kind of separator or none", "[base]") {
    const Eui64 eui = Eui64::from_value(0x0016c001ff10a235u);
    CHECK(Eui64::from_text("00-16-C0-01-FF-10-A2-35") == eui);
    CHECK(Eui64::from_text("00:16:c0:01:ff:10:a2:35") == eui);
    CHECK_FALSE(Eui64::from_text("00:16-c0:01:ff:10:a2:35"));
    CHECK_FALSE(Eui64::from_text("0016c001ff10a23"));
    CHECK_FALSE(Eui64::from_text("0016c001ff10a23g"));
    CHECK_FALSE(Eui64::from_text(""));
}
