// WirelessGateway: create, get, list, update, delete, statistics, and those seen but not
// registered.
#include "bridge/api/common.h"
#include "bridge/api/handlers.h"
#include "bridge/api/kept_members.h"

#include <algorithm>
#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;
using lns::proto::WirelessGateway;

constexpr std::string_view kKind = "WirelessGateway";
// AWS's members that this server keeps and gives back without using them.
constexpr std::string_view kKept[] = {"JoinEuiFilters", "NetIdFilters", "Beaconing"};

void read_lorawan(const Fields& lorawan, const ApiConfig& config, WirelessGateway& gateway) {
    gateway.set_gateway_eui(
        lorawan.required(lorawan.eui("GatewayEui"), "GatewayEui", "must be 16 hexadecimal digits")
            .value());
    gateway.set_region(lorawan.text("RfRegion").value_or(config.regions.front()));
    if (std::ranges::find(config.regions, gateway.region()) == config.regions.end()) {
        lorawan.wrong("RfRegion",
                      fmt::format("must be one of {}", fmt::join(config.regions, ", ")));
    }
    for (const std::int64_t band :
         lorawan.numbers("SubBands", 8, 1, 8).value_or(std::vector<std::int64_t>())) {
        gateway.add_sub_bands(static_cast<std::uint32_t>(band));
    }
    check_gateway_members(lorawan);
    gateway.set_aws_extra_json(lorawan.keep(kKept));
}

json::object lorawan_of(const WirelessGateway& gateway) {
    json::object out{{"GatewayEui", Eui64::from_value(gateway.gateway_eui()).to_text()},
                     {"RfRegion", gateway.region()}};
    if (gateway.sub_bands_size() > 0) {
        json::array bands;
        for (const std::uint32_t band : gateway.sub_bands()) bands.push_back(band);
        out["SubBands"] = std::move(bands);
    }
    merge_kept(gateway.aws_extra_json(), out);
    return out;
}

json::object summary_of(const WirelessGateway& gateway) {
    json::object out{{"Arn", gateway.arn()}, {"Id", gateway.id()}, {"Name", gateway.name()}};
    if (!gateway.description().empty()) out["Description"] = gateway.description();
    out["LoRaWAN"] = lorawan_of(gateway);
    return out;
}

Result<WirelessGateway, ApiError> gateway_of(Context& context, const std::string& id) {
    auto gateway = context.registry.gateway(std::string_view(id));
    if (!gateway) return fail(not_found(kKind, id));
    return *std::move(gateway);
}

}  // namespace

Outcome create_wireless_gateway(Context& context, const Call& call) {
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);

    WirelessGateway gateway;
    gateway.set_name(body.text("Name").value_or(""));
    gateway.set_description(body.text("Description", kDescriptionRule).value_or(""));
    read_tags(body, *gateway.mutable_tags());
    if (const auto lorawan = body.object("LoRaWAN")) {
        read_lorawan(*lorawan, context.config, gateway);
    } else if (!body.has("LoRaWAN")) {
        body.missing("LoRaWAN", "must be an object with GatewayEui and RfRegion");
    }
    gateway.set_id(new_id(context, "CreateWirelessGateway", token_of(body)));
    if (problems.any()) return fail(validation(problems.text()));

    gateway.set_arn(arn_of(context.config, "iotwireless", kKind, gateway.id()));
    gateway.set_created_at_us(to_unix_us(call.now));
    if (const auto before = context.registry.gateway(std::string_view(gateway.id()));
        before && before->gateway_eui() == gateway.gateway_eui()) {
        return created(gateway.arn(), gateway.id(), 0);
    }
    const auto position = context.registry.create(gateway);
    if (!position) {
        const auto holder = context.registry.gateway(Eui64::from_value(gateway.gateway_eui()));
        return fail(refusal(position.error(), kKind, holder ? holder->id() : gateway.id()));
    }
    return created(gateway.arn(), gateway.id(), *position);
}

Outcome get_wireless_gateway(Context& context, const Call& call) {
    const std::string& identifier = call.label("Identifier");
    const auto type = call.parameter("identifierType");
    std::optional<WirelessGateway> gateway;
    if (type == "GatewayEui") {
        const auto eui = Eui64::from_text(identifier);
        if (!eui) return fail(validation("Identifier must be 16 hexadecimal digits."));
        gateway = context.registry.gateway(*eui);
    } else if (type == "WirelessGatewayId") {
        gateway = context.registry.gateway(std::string_view(identifier));
    } else if (type != "ThingName") {  // no gateway of this server is a thing
        return fail(
            validation("IdentifierType must be GatewayEui, WirelessGatewayId or ThingName."));
    }
    if (!gateway) return fail(not_found(kKind, identifier));
    return reply_with(summary_of(*gateway));
}

Outcome list_wireless_gateways(Context& context, const Call& call) {
    const auto page = page_of(call, kMaxPage);
    if (!page) return fail(page.error());
    std::optional<Eui64> after;
    if (!page->after.empty()) {
        after = Eui64::from_text(page->after);
        if (!after) return fail(validation("NextToken must be one that a list has answered."));
    }
    json::array rows;
    PageWriter writer(*page, rows);
    context.registry.gateways(after, [&](const WirelessGateway& gateway) {
        if (!writer.wants_more()) return false;
        const auto eui = Eui64::from_value(gateway.gateway_eui());
        json::object row = summary_of(gateway);
        const auto live = context.gateways.live(eui);
        if (live && live->last_uplink) row["LastUplinkReceivedAt"] = time_text(*live->last_uplink);
        writer.add(eui.to_text(), std::move(row));
        return true;
    });
    json::object body;
    writer.finish(body);
    body["WirelessGatewayList"] = std::move(rows);
    return reply_with(body);
}

Outcome update_wireless_gateway(Context& context, const Call& call) {
    auto gateway = gateway_of(context, call.label("Id"));
    if (!gateway) return fail(gateway.error());
    const auto input = parse_object(call.request.body);
    if (!input) return fail(input.error());
    Problems problems;
    const Fields body(*input, "", problems);
    if (const auto name = body.text("Name")) gateway->set_name(*name);
    if (const auto text = body.text("Description", kDescriptionRule)) {
        gateway->set_description(*text);
    }
    check_gateway_members(body);
    json::object kept;
    merge_kept(gateway->aws_extra_json(), kept);
    merge_kept(body.keep(kKept), kept);
    gateway->set_aws_extra_json(kept.empty() ? std::string() : json::serialize(kept));
    if (problems.any()) return fail(validation(problems.text()));

    const auto position = context.registry.update(*gateway);
    if (!position) return fail(refusal(position.error(), kKind, gateway->id()));
    return Reply{.wait_for = *position};
}

Outcome delete_wireless_gateway(Context& context, const Call& call) {
    const auto position = context.registry.erase_gateway(call.label("Id"));
    if (!position) return fail(refusal(position.error(), kKind, call.label("Id")));
    return Reply{.wait_for = *position};
}

Outcome get_wireless_gateway_statistics(Context& context, const Call& call) {
    const auto gateway = gateway_of(context, call.label("Id"));
    if (!gateway) return fail(gateway.error());
    const auto live = context.gateways.live(Eui64::from_value(gateway->gateway_eui()));
    json::object body{{"WirelessGatewayId", gateway->id()},
                      {"ConnectionStatus", live && live->connected ? "Connected" : "Disconnected"}};
    if (live) {
        if (live->last_uplink) body["LastUplinkReceivedAt"] = time_text(*live->last_uplink);
        // Beyond AWS's members.
        if (live->last_seen) body["LastSeenAt"] = time_text(*live->last_seen);
        body["Address"] = live->address;
        body["Uplinks"] = live->uplinks;
        body["Downlinks"] = live->downlinks;
        body["DownlinksRefused"] = live->downlinks_refused;
        if (live->round_trip_ms) body["RoundTripMs"] = *live->round_trip_ms;
    }
    return reply_with(body);
}

Outcome list_seen_gateways(Context& context, const Call&) {
    json::array rows;
    for (const SeenGateway& gateway : context.gateways.seen()) {
        rows.push_back(json::object{{"GatewayEui", gateway.eui.to_text()},
                                    {"Address", gateway.address},
                                    {"FirstSeenAt", time_text(gateway.first_seen)},
                                    {"LastSeenAt", time_text(gateway.last_seen)},
                                    {"Datagrams", gateway.datagrams}});
    }
    return reply_with(json::object{{"SeenGatewayList", std::move(rows)}});
}

}  // namespace helio::bridge::api
