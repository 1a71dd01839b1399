// parse_time(), time_to_epoch(), timestamp().
#include "bridge/rules/sql/conversion.h"
#include "bridge/rules/sql/evaluation.h"
#include "bridge/rules/sql/function.h"
#include "bridge/rules/sql/time_pattern.h"

namespace helio::bridge::rules::sql {
namespace {

// Years 0 to 9999, which is what patterns can say.
constexpr std::int64_t kFirstMs = -62'167'219'200'000;
constexpr std::int64_t kLastMs = 253'402'300'799'999;

Value timestamp(const Arguments& a) {
    const auto now = std::chrono::floor<std::chrono::milliseconds>(a.evaluation.scope().now());
    return Value::integer(now.time_since_epoch().count());
}

Value parse_time(const Arguments& a) {
    const auto number = to_floor(a[1]);
    const auto ms = number ? to_int64(*number) : std::nullopt;
    if (!a[0].is(Type::string) || !ms || *ms < kFirstMs || *ms > kLastMs) return {};
    std::string_view zone_name = "UTC";
    if (a.size() > 2) {
        if (!a[2].is(Type::string)) return {};
        zone_name = a[2].as_string();
    }
    const Instant at = from_unix_us(*ms * 1'000);
    const auto zone = parse_zone(zone_name, at, a.evaluation.scope().machinery().zones);
    if (!zone) return {};
    const auto text = format_time(a[0].as_string(), at, *zone);
    return text ? a.evaluation.make_string(*text) : Value();
}

Value time_to_epoch(const Arguments& a) {
    if (!a[0].is(Type::string) || !a[1].is(Type::string)) return {};
    const auto at =
        sql::parse_time(a[0].as_string(), a[1].as_string(), a.evaluation.scope().machinery().zones);
    if (!at) return {};
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(*at);
    return Value::integer(ms.time_since_epoch().count());
}

constexpr auto kOld = Version::v2015_10_08;
constexpr auto kNew = Version::v2016_03_23;

constexpr Function kFunctions[] = {
    {"parse_time", 2, 3, kNew, parse_time},
    {"time_to_epoch", 2, 2, kNew, time_to_epoch},
    {"timestamp", 0, 0, kOld, timestamp},
};

}  // namespace

std::span<const Function> time_functions() { return kFunctions; }

}  // namespace helio::bridge::rules::sql
