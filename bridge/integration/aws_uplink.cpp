#include "bridge/integration/aws_uplink.h"

#include "bridge/integration/chirpstack_radio.h"
#include "bridge/integration/json_text.h"

namespace helio::bridge::integration {
namespace {

namespace proto = lns::proto;

constexpr std::uint32_t kPortOfFramesWithoutPort = 225;

// Comes after other members: each of these begins with its comma.
void append_modulation(std::string& out, const proto::Modulation& modulation) {
    if (modulation.has_lora()) {
        const auto& lora = modulation.lora();
        out += R"(,"Bandwidth":)";
        append_number(out, lora.bandwidth_hz() / 1'000);
        out += R"(,"SpreadingFactor":)";
        append_number(out, lora.spreading_factor());
        out += R"(,"CodeRate":"4/)";
        append_number(out, lora.code_rate());
        out += R"(","Modulation":"LORA")";
    } else if (modulation.has_fsk()) {
        out += R"(,"Modulation":"FSK")";
    } else if (modulation.has_lr_fhss()) {
        out += R"(,"CodeRate":")";
        append_number(out, modulation.lr_fhss().code_rate());
        out += R"(/6","Modulation":"LR_FHSS")";
    }
}

void append_gateways(std::string& out, const proto::UplinkEvent& up) {
    out += R"(,"Gateways":[)";
    bool first = true;
    for (const auto& rx : up.receptions()) {
        if (!first) out += ',';
        first = false;
        out += R"({"GatewayEui":")";
        append_hex64(out, rx.gateway_eui());
        out += R"(","Rssi":)";
        append_number(out, rx.rssi_dbm());
        out += R"(,"Snr":)";
        append_number(out, rx.snr_db());
        out += '}';
    }
    out += ']';
}

}  // namespace

void append_aws_uplink(std::string& out,
                       const proto::Event& event,
                       const AwsUplinkOptions& options) {
    const proto::UplinkEvent& up = event.up();
    out += R"({"WirelessDeviceId":)";
    append_json_string(out, options.wireless_device_id);
    out += R"(,"PayloadData":")";
    append_base64(out, bytes_of(up.data()));
    out += R"(","WirelessMetadata":{"LoRaWAN":{"ADR":)";
    append_bool(out, up.adr());
    out += R"(,"ClassB":)";
    append_bool(out, up.class_b());
    out += R"(,"DataRate":")";
    append_number(out, up.data_rate());
    out += R"(","DevAddr":")";
    append_hex32(out, up.dev_addr());
    out += R"(","DevEui":")";
    append_hex64(out, event.dev_eui());
    out += R"(","FOptLen":)";
    append_number(out, up.fopts_size());
    out += R"(,"FCnt":)";
    append_number(out, up.fcnt());
    out += R"(,"FPort":)";
    append_number(out, up.has_fport() ? up.fport() : kPortOfFramesWithoutPort);
    out += R"(,"Frequency":")";
    append_number(out, up.frequency_hz());
    out += '"';
    append_modulation(out, up.modulation());
    if (options.gateway_metadata) append_gateways(out, up);
    out += R"(,"MIC":")";
    append_hex32(out, up.mic());
    out += R"(","MType":")";
    out += up.confirmed() ? "ConfirmedDataUp" : "UnconfirmedDataUp";
    out += R"(","Major":"LoRaWANR1","PolarizationInversion":false,"Timestamp":")";
    append_time_seconds(out, time_on_air(up.receptions(), from_unix_us(event.time_us())));
    out += '"';
    if (!up.acked_message_id().empty()) {
        out += R"(,"AckedMessageId":)";
        append_json_string(out, up.acked_message_id());
    }
    out += "}}}";
}

}  // namespace helio::bridge::integration
