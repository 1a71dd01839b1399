#include "bridge/integration/chirpstack_radio.h"

#include "bridge/integration/json_text.h"

#include <algorithm>
#include <vector>

namespace helio::bridge::integration {
namespace {

constexpr std::chrono::seconds kMaxGatewayClockDrift{30};

// Writes `"key":` before a value that is not its default.
class Members {
  public:
    explicit Members(std::string& out) : out_(out) { out_ += '{'; }
    void close() { out_ += '}'; }

    std::string& key(std::string_view quoted_key_and_colon) {
        if (!first_) out_ += ',';
        first_ = false;
        out_ += quoted_key_and_colon;
        return out_;
    }
    template <class Number>
    void number(std::string_view quoted_key_and_colon, Number value) {
        if (value != Number{}) append_number(key(quoted_key_and_colon), value);
    }

  private:
    std::string& out_;
    bool first_ = true;
};

void append_quoted_time(std::string& out, std::int64_t us) {
    out += '"';
    append_time(out, from_unix_us(us));
    out += '"';
}

void append_quoted_duration(std::string& out, std::chrono::nanoseconds duration) {
    out += '"';
    append_duration(out, duration);
    out += '"';
}

// The counter of the concentrator, big-endian: what a downlink's timing is relative to.
void append_context(std::string& out, std::uint32_t counter_us) {
    const std::uint8_t bytes[4] = {
        static_cast<std::uint8_t>(counter_us >> 24),
        static_cast<std::uint8_t>(counter_us >> 16),
        static_cast<std::uint8_t>(counter_us >> 8),
        static_cast<std::uint8_t>(counter_us),
    };
    out += '"';
    append_base64(out, bytes);
    out += '"';
}

void append_metadata(std::string& out, const lns::proto::Reception& rx, std::string_view region) {
    out += R"({"region_config_id":")";
    append_region_config_id(out, region);
    out += R"(","region_common_name":)";
    append_json_string(out, region);
    std::vector<std::pair<std::string_view, std::string_view>> added(rx.metadata().begin(),
                                                                     rx.metadata().end());
    std::ranges::sort(added);  // the map of the message has no order of its own
    for (const auto& [key, value] : added) {
        out += ',';
        append_json_string(out, key);
        out += ':';
        append_json_string(out, value);
    }
    out += '}';
}

void append_reception(std::string& out, const lns::proto::Reception& rx, std::string_view region) {
    Members members(out);
    members.key(R"("gatewayId":")");
    append_hex64(out, rx.gateway_eui());
    out += '"';
    members.number(R"("uplinkId":)", rx.uplink_id());
    if (rx.has_gateway_time_us())
        append_quoted_time(members.key(R"("gwTime":)"), rx.gateway_time_us());
    if (rx.received_at_us() != 0)
        append_quoted_time(members.key(R"("nsTime":)"), rx.received_at_us());
    if (rx.has_gps_time_us()) {
        const std::chrono::microseconds gps(rx.gps_time_us());
        append_quoted_duration(members.key(R"("timeSinceGpsEpoch":)"), gps);
        if (rx.has_fine_time_ns()) {
            const auto second = std::chrono::floor<std::chrono::seconds>(gps);
            append_quoted_duration(members.key(R"("fineTimeSinceGpsEpoch":)"),
                                   second + std::chrono::nanoseconds(rx.fine_time_ns()));
        }
    }
    members.number(R"("rssi":)", rx.rssi_dbm());
    members.number(R"("snr":)", rx.snr_db());
    members.number(R"("channel":)", rx.channel());
    members.number(R"("rfChain":)", rx.rf_chain());
    members.number(R"("board":)", rx.board());
    members.number(R"("antenna":)", rx.antenna());
    if (rx.has_counter_us()) append_context(members.key(R"("context":)"), rx.counter_us());
    append_metadata(members.key(R"("metadata":)"), rx, region);
    members.key(R"("crcStatus":"CRC_OK")");  // frames with a bad CRC never become events
    members.close();
}

std::string_view lora_code_rate(std::uint32_t of_four) {
    switch (of_four) {
        case 5:
            return R"("codeRate":"CR_4_5")";
        case 6:
            return R"("codeRate":"CR_4_6")";
        case 7:
            return R"("codeRate":"CR_4_7")";
        case 8:
            return R"("codeRate":"CR_4_8")";
        default:
            return {};
    }
}

void append_modulation(std::string& out,
                       const lns::proto::Modulation& modulation,
                       bool polarization_inverted) {
    Members outer(out);
    if (modulation.has_lora()) {
        const auto& lora = modulation.lora();
        outer.key(R"("lora":)");
        Members members(out);
        members.number(R"("bandwidth":)", lora.bandwidth_hz());
        members.number(R"("spreadingFactor":)", lora.spreading_factor());
        const auto code_rate = lora_code_rate(lora.code_rate());
        if (!code_rate.empty()) members.key(code_rate);
        if (polarization_inverted) members.key(R"("polarizationInversion":true)");
        members.close();
    } else if (modulation.has_fsk()) {
        outer.key(R"("fsk":)");
        Members members(out);
        members.number(R"("frequencyDeviation":)", modulation.fsk().frequency_deviation_hz());
        members.number(R"("datarate":)", modulation.fsk().bit_rate());
        members.close();
    } else if (modulation.has_lr_fhss()) {
        const auto& lr_fhss = modulation.lr_fhss();
        outer.key(R"("lrFhss":)");
        Members members(out);
        members.number(R"("operatingChannelWidth":)", lr_fhss.operating_channel_width_hz());
        if (lr_fhss.code_rate() == 2) members.key(R"("codeRate":"CR_2_6")");
        if (lr_fhss.code_rate() == 4) members.key(R"("codeRate":"CR_4_6")");
        members.number(R"("gridSteps":)", lr_fhss.grid_steps());
        members.close();
    }
    outer.close();
}

}  // namespace

void append_rx_info(std::string& out,
                    const google::protobuf::RepeatedPtrField<lns::proto::Reception>& receptions,
                    std::string_view region) {
    out += '[';
    bool first = true;
    for (const auto& rx : receptions) {
        if (!first) out += ',';
        first = false;
        append_reception(out, rx, region);
    }
    out += ']';
}

void append_uplink_tx_info(std::string& out,
                           std::uint32_t frequency_hz,
                           const lns::proto::Modulation& modulation) {
    Members members(out);
    members.number(R"("frequency":)", frequency_hz);
    append_modulation(members.key(R"("modulation":)"), modulation, false);
    members.close();
}

void append_downlink_tx_info(std::string& out, const lns::proto::TxAckEvent& ack) {
    Members members(out);
    members.number(R"("frequency":)", ack.frequency_hz());
    members.number(R"("power":)", ack.power_dbm());
    append_modulation(members.key(R"("modulation":)"), ack.modulation(), true);
    if (ack.has_gps_time_us()) {
        members.key(R"("timing":{"gpsEpoch":{"timeSinceGpsEpoch":)");
        append_quoted_duration(out, std::chrono::microseconds(ack.gps_time_us()));
        out += "}}";
    } else if (ack.delay_us() != 0) {
        members.key(R"("timing":{"delay":{"delay":)");
        append_quoted_duration(out, std::chrono::microseconds(ack.delay_us()));
        out += "}}";
    }
    if (ack.has_uplink_counter_us()) {
        append_context(members.key(R"("context":)"), ack.uplink_counter_us());
    }
    members.close();
}

Instant time_on_air(const google::protobuf::RepeatedPtrField<lns::proto::Reception>& receptions,
                    Instant server_time) {
    for (const auto& rx : receptions) {
        if (rx.has_gps_time_us()) return to_utc(GpsTime{Duration(rx.gps_time_us())});
    }
    for (const auto& rx : receptions) {
        if (!rx.has_gateway_time_us()) continue;
        const Instant at = from_unix_us(rx.gateway_time_us());
        if (std::chrono::abs(at - server_time) <= kMaxGatewayClockDrift) return at;
    }
    return server_time;
}

void append_region_config_id(std::string& out, std::string_view region) {
    for (const char c : region) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
        if (upper || kept) out += static_cast<char>(upper ? c - 'A' + 'a' : c);
    }
}

}  // namespace helio::bridge::integration
