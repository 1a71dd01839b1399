#include "base/base64.h"
#include "tools/helioctl/csv.h"
#include "tools/helioctl/output.h"
#include "tools/helioctl/verbs.h"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace helio::ctl {
namespace {

namespace json = boost::json;

CsvDevice keys_of(const DeviceAdd& options) {
    const bool abp = !options.dev_addr.empty();
    if (abp && (options.nwk_s_key.empty() || options.app_s_key.empty())) {
        throw CtlError("A device with --dev-addr (ABP) needs --nwk-s-key and --app-s-key.");
    }
    if (!abp && (options.app_key.empty() || options.join_eui.empty())) {
        throw CtlError(
            "A device needs --join-eui and --app-key (OTAA), or --dev-addr, --nwk-s-key and "
            "--app-s-key (ABP).");
    }
    return {.name = options.name,
            .dev_eui = options.dev_eui,
            .join_eui = options.join_eui,
            .app_key = options.app_key,
            .nwk_s_key = options.nwk_s_key,
            .app_s_key = options.app_s_key,
            .dev_addr = options.dev_addr,
            .allow_fcnt_reset = options.allow_fcnt_reset};
}

std::string payload_of(const QueueSend& options) {
    if (!options.base64.empty()) {
        const auto bytes = from_base64(options.base64);
        if (!bytes) throw CtlError("--base64 must be base64.");
        return to_base64(*bytes);  // the server wants the padding that people leave out
    }
    if (!options.hex.empty()) {
        const auto bytes = from_hex(options.hex);
        if (!bytes) throw CtlError("--hex must be an even number of hexadecimal digits.");
        return to_base64(*bytes);
    }
    return to_base64(bytes_of(options.text));
}

std::string events_text(const json::array& events) {
    std::string out;
    for (const json::value& event : events) out += event_line(event.as_object()) + '\n';
    return out.empty() ? "Nothing was heard of the device lately.\n" : out;
}

}  // namespace

void device_add(Session& session, const DeviceAdd& options) {
    const CsvDevice device = keys_of(options);
    const std::string profile = options.profile.empty() ? session.default_profile(options.region)
                                                        : session.profile_id(options.profile);
    const std::string destination =
        options.destination.empty() ? session.default_destination() : options.destination;
    json::object request = device_request(device, profile, destination);
    if (options.status_requests_per_day > 0) {
        request["LoRaWAN"].as_object()["ServiceProfileId"] =
            session.status_profile(options.status_requests_per_day);
    }
    const json::object made = session.client().post("/wireless-devices", request);
    session.show(made, fmt::format("Registered the device {}.\n", options.dev_eui));
}

void device_list(Session& session, const DeviceList& options) {
    std::string target = "/wireless-devices?maxResults=250";
    if (!options.destination.empty()) {
        target += "&destinationName=" + escape(options.destination);
    }
    if (!options.profile.empty()) {
        target += "&deviceProfileId=" + escape(session.profile_id(options.profile));
    }
    json::array rows = session.all(target, "WirelessDeviceList");
    Table table({"DEVEUI", "NAME", "DESTINATION", "LAST UPLINK", "ID"});
    for (const json::value& row : rows) {
        const json::object& device = row.as_object();
        table.add({member(device, "LoRaWAN.DevEui"),
                   member(device, "Name"),
                   member(device, "DestinationName"),
                   member(device, "LastUplinkReceivedAt"),
                   member(device, "Id")});
    }
    session.show(rows, table.text("No device is registered: `helioctl device add DEVEUI ...`."));
}

void device_show(Session& session, const std::string& device) {
    json::object body = session.device(device);
    body["Statistics"] =
        session.client().get(fmt::format("/wireless-devices/{}/statistics", member(body, "Id")));
    session.show(body, lines_of(body));
}

void device_delete(Session& session, const std::string& device) {
    const json::object body = session.device(device);
    session.client().call("DELETE", "/wireless-devices/" + member(body, "Id"));
    session.show(body, fmt::format("Deleted the device {}.\n", device));
}

void device_session(Session& session, const std::string& device) {
    const json::object body = session.client().get(
        fmt::format("/wireless-devices/{}/session", session.device_id(device)));
    session.show(body, lines_of(body));
}

void device_frames(Session& session, const std::string& device, int count) {
    const json::object body = session.client().get(
        fmt::format("/wireless-devices/{}/frames?maxResults={}", session.device_id(device), count));
    session.show(body, events_text(body.at("Frames").as_array()));
}

void queue_send(Session& session, const QueueSend& options) {
    const json::object body{
        {"TransmitMode", options.confirmed ? 1 : 0},
        {"PayloadData", payload_of(options)},
        {"WirelessMetadata", json::object{{"LoRaWAN", json::object{{"FPort", options.fport}}}}}};
    const json::object made = session.client().post(
        fmt::format("/wireless-devices/{}/data", session.device_id(options.device)), body);
    session.show(made,
                 fmt::format("Queued {}: it goes out after the device's next uplink.\n",
                             member(made, "MessageId")));
}

void queue_list(Session& session, const std::string& device) {
    json::array rows =
        session.all(fmt::format("/wireless-devices/{}/data", session.device_id(device)),
                    "DownlinkQueueMessagesList");
    Table table({"MESSAGE", "FPORT", "CONFIRMED", "RECEIVED", "ATTEMPTS", "PAYLOAD"});
    for (const json::value& row : rows) {
        const json::object& message = row.as_object();
        const auto data = from_base64(member(message, "PayloadData"));
        table.add({member(message, "MessageId"),
                   member(message, "LoRaWAN.FPort"),
                   member(message, "TransmitMode") == "1" ? "yes" : "no",
                   member(message, "ReceivedAt"),
                   member(message, "Attempts"),
                   data ? to_hex(*data) : "-"});
    }
    session.show(rows, table.text("Nothing waits for the device."));
}

void queue_flush(Session& session, const std::string& device) {
    session.client().call(
        "DELETE",
        fmt::format("/wireless-devices/{}/data?messageId=%2A", session.device_id(device)));
    session.show(json::object(), "Emptied the device's queue.\n");
}

}  // namespace helio::ctl
