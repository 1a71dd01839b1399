// A zone file from a stranger: what is taken as one answers for every instant, and a local time's
// offset is one that the zone has about then.
#include "bridge/rules/sql/time_zone.h"
#include "tests/fuzz/property.h"

using namespace helio;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto zone = bridge::rules::sql::TimeZone::parse({data, size});
    if (!zone) return 0;
    for (const std::int64_t us : {-62'167'219'200'000'000, 0L, 1'784'109'600'000'000}) {
        const Instant at = from_unix_us(us);
        const auto offset = zone->offset_of_local(at);
        helio::fuzz::require(offset == zone->at(at - std::chrono::days(1)).offset ||
                             offset == zone->at(at + std::chrono::days(1)).offset);
    }
    return 0;
}
