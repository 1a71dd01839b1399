// The three kinds of time, as three types: UTC instants (stored, shown, compared over machines), GPS
// time (what gateways with a GPS receiver and class B speak of) and steady time (only base/io).
//
// Cores read no clock: each input carries the Instant at which it is handled.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
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

// Reads RFC 3339 and the compact forms of packet forwarders; a missing offset means UTC.  Absent
// where the text is no time or the year is outside 1970..9999.
std::optional<Instant> from_rfc3339(std::string_view text);

}  // namespace helio
