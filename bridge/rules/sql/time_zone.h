// Time zones by name ("America/Belize"), from the zone files of the system (RFC 8536).
//
// A zone is read when a statement first names it and is kept; a name without a file is no zone.
#pragma once

#include "base/bytes.h"
#include "base/time.h"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::rules::sql {

class TimeZone {
  public:
    struct Period {
        std::chrono::seconds offset;
        std::string abbreviation;  // "CST"
    };

    // Absent where `file` is no zone file of version 2 or later.
    static std::optional<TimeZone> parse(ByteView file);

    const Period& at(Instant at) const;
    // The offset of a local time, given as if it were UTC.  Where clocks are set back the earlier
    // of the two; where they are set forward that before the change.  Java does the same.
    std::chrono::seconds offset_of_local(Instant local) const;

  private:
    std::vector<std::int64_t> changes_;       // Unix seconds, ascending
    std::vector<std::uint8_t> period_after_;  // a change
    std::vector<Period> periods_;             // the first is that before all changes
};

class TimeZones {
  public:
    explicit TimeZones(std::string folder = "/usr/share/zoneinfo") : folder_(std::move(folder)) {}

    // Null where there is none of that name.
    const TimeZone* find(std::string_view name);

  private:
    std::string folder_;
    std::map<std::string, std::unique_ptr<const TimeZone>, std::less<>> known_;
};

}  // namespace helio::bridge::rules::sql
