#include "bridge/integration/chirpstack_event.h"

#include "bridge/integration/chirpstack_radio.h"
#include "bridge/integration/json_text.h"

#include <algorithm>
#include <vector>

namespace helio::bridge::integration {
namespace {

namespace proto = lns::proto;

// What each event but `log` and `txack` begins with.
void append_head(std::string& out,
                 const proto::Event& event,
                 Instant at,
                 std::string_view device_info) {
    out += R"({"deduplicationId":")";
    append_uuid(out, bytes_of(event.deduplication_id()));
    out += R"(","time":")";
    append_time(out, at);
    out += R"(","deviceInfo":)";
    out += device_info;
}

void append_region(std::string& out, std::string_view region) {
    out += R"(,"regionConfigId":")";
    append_region_config_id(out, region);
    out += R"("})";
}

void append_up(std::string& out,
               const proto::Event& event,
               std::string_view device_info,
               std::string_view object) {
    const proto::UplinkEvent& up = event.up();
    append_head(
        out, event, time_on_air(up.receptions(), from_unix_us(event.time_us())), device_info);
    out += R"(,"devAddr":")";
    append_hex32(out, up.dev_addr());
    out += R"(","adr":)";
    append_bool(out, up.adr());
    out += R"(,"dr":)";
    append_number(out, up.data_rate());
    out += R"(,"fCnt":)";
    append_number(out, up.fcnt());
    out += R"(,"fPort":)";
    append_number(out, up.fport());
    out += R"(,"confirmed":)";
    append_bool(out, up.confirmed());
    out += R"(,"data":")";
    append_base64(out, bytes_of(up.data()));
    out += '"';
    if (!object.empty()) {
        out += R"(,"object":)";
        out += object;
    }
    out += R"(,"rxInfo":)";
    append_rx_info(out, up.receptions(), up.region());
    out += R"(,"txInfo":)";
    append_uplink_tx_info(out, up.frequency_hz(), up.modulation());
    append_region(out, up.region());
}

void append_join(std::string& out, const proto::Event& event, std::string_view device_info) {
    const proto::JoinEvent& join = event.join();
    append_head(
        out, event, time_on_air(join.receptions(), from_unix_us(event.time_us())), device_info);
    out += R"(,"devAddr":")";
    append_hex32(out, join.dev_addr());
    out += '"';
    append_region(out, join.region());
}

void append_ack(std::string& out, const proto::Event& event, std::string_view device_info) {
    append_head(out, event, from_unix_us(event.time_us()), device_info);
    out += R"(,"queueItemId":)";
    append_json_string(out, event.ack().message_id());
    out += R"(,"acknowledged":)";
    append_bool(out, event.ack().acknowledged());
    out += R"(,"fCntDown":)";
    append_number(out, event.ack().fcnt_down());
    out += '}';
}

void append_txack(std::string& out, const proto::Event& event, std::string_view device_info) {
    const proto::TxAckEvent& txack = event.txack();
    out += R"({"downlinkId":)";
    append_number(out, txack.downlink_id());
    out += R"(,"time":")";
    append_time(out, from_unix_us(event.time_us()));
    out += R"(","deviceInfo":)";
    out += device_info;
    out += R"(,"queueItemId":)";
    append_json_string(out, txack.message_id());
    out += R"(,"fCntDown":)";
    append_number(out, txack.fcnt_down());
    out += R"(,"gatewayId":")";
    append_hex64(out, txack.gateway_eui());
    out += R"(","txInfo":)";
    append_downlink_tx_info(out, txack);
    out += '}';
}

void append_status(std::string& out, const proto::Event& event, std::string_view device_info) {
    // DevStatusAns: 0 is external power, 255 "cannot measure", 1..254 the level.
    constexpr std::uint32_t kExternal = 0;
    constexpr std::uint32_t kUnknown = 255;
    const std::uint32_t battery = event.status().battery();
    append_head(out, event, from_unix_us(event.time_us()), device_info);
    out += R"(,"margin":)";
    append_number(out, event.status().margin_db());
    out += R"(,"externalPowerSource":)";
    append_bool(out, battery == kExternal);
    out += R"(,"batteryLevelUnavailable":)";
    append_bool(out, battery == kUnknown);
    out += R"(,"batteryLevel":)";
    append_number(out, battery < kUnknown ? static_cast<float>(battery) / 254 * 100 : 0.0f);
    out += '}';
}

void append_log(std::string& out, const proto::Event& event, std::string_view device_info) {
    const proto::LogEvent& log = event.log();
    out += R"({"time":")";
    append_time(out, from_unix_us(event.time_us()));
    out += R"(","deviceInfo":)";
    out += device_info;
    out += R"(,"level":)";
    append_json_string(out, proto::LogEvent::Level_Name(log.level()));
    out += R"(,"code":)";
    append_json_string(out, log.code().empty() ? "UNKNOWN" : log.code());
    out += R"(,"description":)";
    append_json_string(out, log.description());
    out += R"(,"context":{)";
    std::vector<std::pair<std::string_view, std::string_view>> context(log.context().begin(),
                                                                       log.context().end());
    std::ranges::sort(context);  // the map of the message has no order of its own
    bool first = true;
    for (const auto& [key, value] : context) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, key);
        out += ':';
        append_json_string(out, value);
    }
    out += "}}";
}

}  // namespace

void append_chirpstack_event(std::string& out,
                             const proto::Event& event,
                             std::string_view device_info,
                             std::string_view object) {
    switch (event.kind_case()) {
        case proto::Event::kUp:
            return append_up(out, event, device_info, object);
        case proto::Event::kJoin:
            return append_join(out, event, device_info);
        case proto::Event::kAck:
            return append_ack(out, event, device_info);
        case proto::Event::kTxack:
            return append_txack(out, event, device_info);
        case proto::Event::kStatus:
            return append_status(out, event, device_info);
        case proto::Event::kLog:
            return append_log(out, event, device_info);
        case proto::Event::KIND_NOT_SET:
            return;
    }
}

}  // namespace helio::bridge::integration
