// The three kinds of time, as three types: UTC instants (stored, shown, compared over machines),
// GPS time (what gateways with a GPS receiver and class B speak of) and steady time (only base/io).
//
// Cores read no clock: each input carries the Instant at which it is handled.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace helio {

using Duration = std::chrono::microseconds;

// UTC (POSIX: no leap seconds), microseconds since 1970-01-01.
using Instant = std::chrono::sys_time<Duration>;

constexpr std::int64_t to_unix_us(Instant at) { return at.time_since_epoch().count(); }
constexpr Instant from_unix_us(std::int64_t us) { return Instant(Duration(us)); }

// Microseconds since 1980-01-06T00:00:00Z, counting leap seconds.
struct GpsTime {
    Duration since_epoch;
    friend constexpr auto operator<=>(const GpsTime&, const GpsTime&) = default;
};

// GPS time was 18 s ahead of UTC from 2017-01-01 on; no leap second has been announced since.
inline constexpr std::chrono::seconds kGpsLeapSeconds{18};
inline constexpr std::chrono::seconds kGpsEpochUnix{315'964'800};

constexpr GpsTime to_gps(Instant at) {
    return {at.time_since_epoch() - kGpsEpochUnix + kGpsLeapSeconds};
}
constexpr Instant to_utc(GpsTime at) {
    return Instant(at.since_epoch + kGpsEpochUnix - kGpsLeapSeconds);
}

// RFC 3339 in UTC with `digits` (0, 3 or 6) of fraction: "2026-11-21T09:30:00.123456Z".
std::string to_rfc3339(Instant at, int digits = 6);

// The same without an allocation, for JSON that is written by hand; a view into `out`.  A year
// outside 0000..9999 is shown as the nearest one inside.
inline constexpr std::size_t kRfc3339Size = 27;
std::string_view to_rfc3339(Instant at, std::span<char, kRfc3339Size> out, int digits = 6);

// Reads RFC 3339 and what packet forwarders make of it ("2026-11-21 09:30:00 GMT",
// "20261121T093000Z", offsets without a colon); a missing offset means UTC, digits after the sixth
// of the fraction are dropped.  Absent where the text is no time or the year is outside 1970..9999.
std::optional<Instant> from_rfc3339(std::string_view text);

}  // namespace helio
