#include "tools/helioctl/output.h"
#include "tools/helioctl/verbs.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::ctl {

namespace json = boost::json;

void gateway_add(Session& session, const GatewayAdd& options) {
    json::object lorawan{{"GatewayEui", options.eui}};
    if (!options.region.empty()) lorawan["RfRegion"] = options.region;
    if (!options.sub_bands.empty()) {
        lorawan["SubBands"] = json::array(options.sub_bands.begin(), options.sub_bands.end());
    }
    json::object body{{"LoRaWAN", std::move(lorawan)}};
    if (!options.name.empty()) body["Name"] = options.name;
    if (!options.description.empty()) body["Description"] = options.description;
    const auto made = session.create(
        "/wireless-gateways", body, options.skip_existing, "a gateway " + options.eui);
    if (!made) return;
    session.show(*made, fmt::format("Registered the gateway {}.\n", options.eui));
}

void gateway_list(Session& session) {
    json::array rows = session.all("/wireless-gateways", "WirelessGatewayList");
    Table table({"EUI", "NAME", "REGION", "LAST UPLINK", "ID"});
    for (const json::value& row : rows) {
        const json::object& gateway = row.as_object();
        table.add({member(gateway, "LoRaWAN.GatewayEui"),
                   member(gateway, "Name"),
                   member(gateway, "LoRaWAN.RfRegion"),
                   member(gateway, "LastUplinkReceivedAt"),
                   member(gateway, "Id")});
    }
    session.show(rows, table.text("No gateway is registered: `helioctl gateway add EUI`."));
}

void gateway_show(Session& session, const std::string& gateway) {
    json::object body = session.gateway(gateway);
    body["Statistics"] =
        session.client().get(fmt::format("/wireless-gateways/{}/statistics", member(body, "Id")));
    session.show(body, lines_of(body));
}

void gateway_delete(Session& session, const std::string& gateway) {
    const json::object body = session.gateway(gateway);
    session.client().call("DELETE", "/wireless-gateways/" + member(body, "Id"));
    session.show(body, fmt::format("Deleted the gateway {}.\n", gateway));
}

void gateway_seen(Session& session) {
    json::array rows = session.all("/wireless-gateways/seen", "SeenGatewayList");
    Table table({"EUI", "ADDRESS", "LAST SEEN", "DATAGRAMS", "TO REGISTER IT"});
    for (const json::value& row : rows) {
        const json::object& gateway = row.as_object();
        const std::string eui = member(gateway, "GatewayEui");
        table.add({eui,
                   member(gateway, "Address"),
                   member(gateway, "LastSeenAt"),
                   member(gateway, "Datagrams"),
                   "helioctl gateway add " + eui});
    }
    session.show(rows, table.text("No unregistered gateway has sent anything."));
}

}  // namespace helio::ctl
