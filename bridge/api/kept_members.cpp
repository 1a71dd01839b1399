#include "bridge/api/kept_members.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxJoinEuiFilters = 3;
constexpr std::size_t kMaxNetIdFilters = 10;
constexpr std::size_t kMaxBeaconFrequencies = 10;
constexpr std::size_t kMaxApplications = 100;
constexpr std::int64_t kMinFrequencyHz = 100'000'000, kMaxFrequencyHz = 1'000'000'000;
constexpr std::int64_t kMinFPort = 1, kMaxFPort = 223;

bool is_hex(const json::value& value, std::size_t digits) {
    const json::string* text = value.if_string();
    return text != nullptr && text->size() == digits && from_hex(*text);
}

// [["0000000000000000", "00000000ffffffff"], ...]
void check_join_eui_filters(const Fields& in) {
    const json::array* ranges = in.list("JoinEuiFilters", kMaxJoinEuiFilters);
    if (ranges == nullptr) return;
    const auto is_range = [](const json::value& value) {
        const json::array* pair = value.if_array();
        return pair != nullptr && pair->size() == 2 &&
               std::ranges::all_of(*pair, [](const json::value& eui) { return is_hex(eui, 16); });
    };
    if (!std::ranges::all_of(*ranges, is_range)) {
        in.wrong("JoinEuiFilters", "must be a list of pairs of 16 hexadecimal digits");
    }
}

void check_net_id_filters(const Fields& in) {
    const json::array* ids = in.list("NetIdFilters", kMaxNetIdFilters);
    if (ids == nullptr) return;
    if (!std::ranges::all_of(*ids, [](const json::value& id) { return is_hex(id, 6); })) {
        in.wrong("NetIdFilters", "must be a list of texts of 6 hexadecimal digits");
    }
}

void check_application(const Fields& application) {
    application.number("FPort", kMinFPort, kMaxFPort);
    application.text("DestinationName", kDestinationNameRule);
    const auto type = application.text("Type");
    if (type && *type != "SemtechGeolocation" && *type != "SemtechGNSS" &&
        *type != "SemtechGNSSNG" && *type != "SemtechWiFi") {
        application.wrong("Type",
                          "must be SemtechGeolocation, SemtechGNSS, SemtechGNSSNG or SemtechWiFi");
    }
}

}  // namespace

void check_gateway_members(const Fields& in) {
    check_join_eui_filters(in);
    check_net_id_filters(in);
    const auto beaconing = in.object("Beaconing");
    if (!beaconing) return;
    beaconing->number("DataRate", 0, 15);
    beaconing->numbers("Frequencies", kMaxBeaconFrequencies, kMinFrequencyHz, kMaxFrequencyHz);
}

void check_fports(const Fields& lorawan) {
    const auto ports = lorawan.object("FPorts");
    if (!ports) return;
    for (const char* name : {"Fuota", "Multicast", "ClockSync"}) {
        ports->number(name, kMinFPort, kMaxFPort);
    }
    if (const auto positioning = ports->object("Positioning")) {
        for (const char* name : {"ClockSync", "Stream", "Gnss"}) {
            positioning->number(name, kMinFPort, kMaxFPort);
        }
    }
    for (const Fields& application : ports->objects("Applications", kMaxApplications)) {
        check_application(application);
    }
}

void check_positioning(const Fields& body) {
    const auto text = body.text("Positioning");
    if (text && *text != "Enabled" && *text != "Disabled") {
        body.wrong("Positioning", "must be Enabled or Disabled");
    }
}

}  // namespace helio::bridge::api
