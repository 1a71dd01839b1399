// Times by pattern: parse_time() writes them as Joda-Time does, time_to_epoch() reads them as
// Java's DateTimeFormatter does.
//
// Zones are UTC, GMT, Z, fixed offsets ("+02:00", "UTC+2") and those of time_zone.h.
#pragma once

#include "base/time.h"
#include "bridge/rules/sql/time_zone.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace helio::bridge::rules::sql {

// What a zone is at some time.
struct Zone {
    std::string name;  // as it is shown: "CST"
    std::chrono::minutes offset{0};
    std::string id;  // "America/Belize"; empty: the name
};
std::optional<Zone> parse_zone(std::string_view name, Instant at, TimeZones& zones);

// Absent where the pattern is none.
std::optional<std::string> format_time(std::string_view pattern, Instant at, const Zone& zone);

// Absent where the text does not follow the pattern, or says no date.  Without a zone it is UTC.
std::optional<Instant> parse_time(std::string_view text,
                                  std::string_view pattern,
                                  TimeZones& zones);

}  // namespace helio::bridge::rules::sql
