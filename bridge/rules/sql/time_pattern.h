// Times by pattern: parse_time() writes them as Joda-Time does, time_to_epoch() reads them as
// Java's DateTimeFormatter does.
//
// Zones are UTC, GMT, Z and fixed offsets ("+02:00", "UTC+2").
#pragma once

#include "base/time.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace helio::bridge::rules::sql {

struct Zone {
    std::string name;  // as it is shown
    std::chrono::minutes offset{0};
};
std::optional<Zone> parse_zone(std::string_view name);

// Absent where the pattern is none.
std::optional<std::string> format_time(std::string_view pattern, Instant at, const Zone& zone);

// Absent where the text does not follow the pattern, or says no date.  Without a zone it is UTC.
std::optional<Instant> parse_time(std::string_view text, std::string_view pattern);

}  // namespace helio::bridge::rules::sql
