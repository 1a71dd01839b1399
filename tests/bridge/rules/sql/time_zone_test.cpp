#include "bridge/rules/sql/time_zone.h"

#include "tests/support/catch.h"

#include <fstream>
#include <iterator>

using namespace helio;
using namespace helio::bridge::rules::sql;

namespace {

Bytes zone_file(const char* name) {
    std::ifstream file(std::string("/usr/share/zoneinfo/") + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("a zone file that is cut anywhere is no zone, or says the same", "[rules][sql]") {
    const Bytes whole = zone_file("Europe/Berlin");
    const auto zone = TimeZone::parse(whole);
    REQUIRE(zone);
    const Instant summer = from_unix_us(1'784'109'600'000'000);
    CHECK(zone->at(summer).offset == std::chrono::hours(2));
    CHECK(zone->at(summer).abbreviation == "CEST");
    std::size_t refused = 0;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const auto cut = TimeZone::parse(ByteView(whole).first(size));
        refused += !cut;
        if (cut) CHECK(cut->at(summer).abbreviation == "CEST");
    }
    CHECK(refused > whole.size() / 2);
}

TEST_CASE("the name of a zone leads to no other file", "[rules][sql]") {
    TimeZones zones;
    CHECK(zones.find("America/Belize") != nullptr);
    CHECK(zones.find("America/Belize") == zones.find("America/Belize"));
    for (const char* name : {"", "/etc/passwd", "../zoneinfo/UTC", "America", "zone.tab", "a b"}) {
        CAPTURE(name);
        CHECK(zones.find(name) == nullptr);
    }
}
