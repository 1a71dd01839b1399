#include "tools/helioctl/session.h"

#include "base/eui64.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

constexpr const char* kDefaultDestination = "default";

json::object create_profile(Client& client, const std::string& name, const std::string& region) {
    return client.post("/device-profiles",
                       json::object{{"Name", name},
                                    {"LoRaWAN",
                                     json::object{{"MacVersion", "1.0.3"},
                                                  {"RegParamsRevision", "RP002-1.0.3"},
                                                  {"RfRegion", region},
                                                  {"SupportsJoin", true},
                                                  {"Supports32BitFCnt", true}}}});
}

}  // namespace

bool is_eui(std::string_view text) { return Eui64::from_text(text).has_value(); }

Client& Session::client() {
    if (!client_) {
        const FoundKey key = find_key(settings, std::getenv);
        client_ = std::make_unique<Client>(
            find_endpoint(settings, std::getenv), key, find_ca_file(settings, key));
    }
    return *client_;
}

void Session::show(const json::value& value, std::string_view text) const {
    if (settings.json) {
        fmt::print("{}\n", json::serialize(value));
    } else {
        fmt::print("{}", text);
    }
    std::fflush(stdout);
}

void Session::say(std::string_view text) const {
    if (!settings.json) fmt::print("{}\n", text);
}

std::optional<json::object> Session::create(const std::string& target,
                                            const json::object& body,
                                            bool skip_existing,
                                            std::string_view what) {
    try {
        return client().post(target, body);
    } catch (const Refused& refused) {
        if (!skip_existing || refused.status != 409) throw;
        show(json::object{{"Skipped", what}}, fmt::format("There is {} already.\n", what));
        return std::nullopt;
    }
}

json::array Session::all(const std::string& target,
                         std::string_view list_name,
                         std::string_view service) {
    json::array out;
    struct Next {
        const char* member;
        const char* parameter;
    };
    constexpr Next kNexts[] = {
        {"NextToken", "nextToken"}, {"nextToken", "nextToken"}, {"nextMarker", "marker"}};
    std::string more;  // "nextToken=..."
    do {
        std::string page = target;
        if (!more.empty()) page += (page.find('?') == std::string::npos ? '?' : '&') + more;
        json::object body = client().get(page, service);
        for (json::value& row : body.at(list_name).as_array()) out.push_back(std::move(row));
        more.clear();
        for (const Next& one : kNexts) {
            const json::value* next = body.if_contains(one.member);
            if (next == nullptr) continue;
            more = fmt::format("{}={}", one.parameter, escape(std::string(next->as_string())));
        }
    } while (!more.empty());
    return out;
}

json::object Session::device(const std::string& eui_or_id) {
    const char* type = is_eui(eui_or_id) ? "DevEui" : "WirelessDeviceId";
    return client().get(
        fmt::format("/wireless-devices/{}?identifierType={}", escape(eui_or_id), type));
}

std::string Session::device_id(const std::string& eui_or_id) {
    if (!is_eui(eui_or_id)) return escape(eui_or_id);
    return std::string(device(eui_or_id).at("Id").as_string());
}

json::object Session::gateway(const std::string& eui_or_id) {
    const char* type = is_eui(eui_or_id) ? "GatewayEui" : "WirelessGatewayId";
    return client().get(
        fmt::format("/wireless-gateways/{}?identifierType={}", escape(eui_or_id), type));
}

bool Session::has_profile(std::string_view name) {
    return std::ranges::any_of(all("/device-profiles", "DeviceProfileList"),
                               [&](const auto& row) { return row.at("Name").as_string() == name; });
}

std::string Session::profile_id(const std::string& name_or_id) {
    std::string found;
    for (const json::value& row : all("/device-profiles", "DeviceProfileList")) {
        if (row.at("Id").as_string() == name_or_id) return name_or_id;
        if (row.at("Name").as_string() != name_or_id) continue;
        if (!found.empty()) {
            throw CtlError(fmt::format(
                "Two device profiles have the name \"{}\": give the Id, as `helioctl profile list` "
                "shows it.",
                name_or_id));
        }
        found = row.at("Id").as_string();
    }
    if (found.empty()) {
        throw CtlError(
            fmt::format("There is no device profile \"{}\": make it with `helioctl profile add "
                        "{} --region EU868`.",
                        name_or_id,
                        name_or_id));
    }
    return found;
}

std::string Session::default_profile(const std::string& region, Missing missing) {
    const std::string name = "default-" + region;
    for (const json::value& row : all("/device-profiles", "DeviceProfileList")) {
        if (row.at("Name").as_string() == name) return std::string(row.at("Id").as_string());
    }
    if (missing == Missing::leave) return "";
    const json::object made = create_profile(client(), name, region);
    say(fmt::format("Made the device profile {} (LoRaWAN 1.0.3, class A).", name));
    return std::string(made.at("Id").as_string());
}

std::string Session::status_profile(int requests_per_day) {
    const std::string name = fmt::format("status-{}-a-day", requests_per_day);
    for (const json::value& row : all("/service-profiles", "ServiceProfileList")) {
        if (row.at("Name").as_string() == name) return std::string(row.at("Id").as_string());
    }
    const json::object made = client().post(
        "/service-profiles",
        json::object{
            {"Name", name},
            {"LoRaWAN",
             json::object{{"AddGwMetadata", true}, {"DevStatusReqFreq", requests_per_day}}}});
    say(fmt::format("Made the service profile {}.", name));
    return std::string(made.at("Id").as_string());
}

std::string Session::default_destination(Missing missing) {
    try {
        client().call("GET", fmt::format("/destinations/{}", kDefaultDestination));
    } catch (const Refused& refused) {
        if (refused.status != 404) throw;
        if (missing == Missing::leave) return "";
        client().post("/destinations",
                      json::object{{"Name", kDefaultDestination},
                                   {"ExpressionType", "MqttTopic"},
                                   {"Expression", "lorawan/default"}});
        say("Made the destination default (MQTT topic lorawan/default).");
    }
    return kDefaultDestination;
}

}  // namespace helio::ctl
