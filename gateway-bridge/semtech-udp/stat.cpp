#include "gateway-bridge/semtech-udp/stat.h"

#include "gateway-bridge/semtech-udp/metadata.h"

#include <limits>

namespace helio::gateway_bridge::semtech_udp {
namespace {

std::optional<double> read_between(JsonReader& in, double least, double most) {
    const auto number = in.number();
    if (!number || !(number->value >= least && number->value <= most)) return std::nullopt;
    return number->value;
}

std::optional<std::uint32_t> read_count(JsonReader& in) {
    const auto number = in.number();
    if (!number || !number->integer || *number->integer < 0 ||
        *number->integer > std::numeric_limits<std::uint32_t>::max()) {
        return std::nullopt;
    }
    return static_cast<std::uint32_t>(*number->integer);
}

std::optional<Instant> read_time(JsonReader& in) {
    const auto text = in.string();
    return text ? from_rfc3339(text->raw) : std::nullopt;
}

void read_member(std::string_view key, JsonReader& in, lns::GatewayStatus& out) {
    switch (name_tag(key)) {
        case name_tag("time"):
            out.gateway_time = read_time(in);
            break;
        case name_tag("lati"):
            out.latitude = read_between(in, -90, 90);
            break;
        case name_tag("long"):
            out.longitude = read_between(in, -180, 180);
            break;
        case name_tag("alti"):
            out.altitude_m = read_between(in, -1000, 100'000);
            break;
        case name_tag("rxnb"):
            out.rx_received = read_count(in);
            break;
        case name_tag("rxok"):
            out.rx_ok = read_count(in);
            break;
        case name_tag("rxfw"):
            out.rx_forwarded = read_count(in);
            break;
        case name_tag("ackr"):
            out.ack_percent = read_between(in, 0, 100);
            break;
        case name_tag("dwnb"):
            out.downlinks_received = read_count(in);
            break;
        case name_tag("txnb"):
            out.tx_emitted = read_count(in);
            break;
        case name_tag("temp"):
            out.temperature_c = read_between(in, -100, 200);
            break;
        case name_tag("meta"):
            read_metadata(in, out.metadata);
            break;
        default:
            in.skip();
    }
}

}  // namespace

void read_stat(JsonReader& in, lns::GatewayStatus& out) {
    std::string_view key;
    while (in.next_member(key)) read_member(key, in, out);

    const bool whole = out.latitude && out.longitude;
    const bool fix =
        whole && (*out.latitude != 0 || *out.longitude != 0 || out.altitude_m.value_or(0) != 0);
    if (!fix) out.latitude = out.longitude = out.altitude_m = std::nullopt;
}

}  // namespace helio::gateway_bridge::semtech_udp
