#include "gateway-bridge/semtech-udp/rxpk.h"

#include "base/base64.h"
#include "gateway-bridge/semtech-udp/metadata.h"
#include "gateway-bridge/semtech-udp/modulation_text.h"

#include <cmath>
#include <limits>

namespace helio::gateway_bridge::semtech_udp {
namespace {

constexpr std::size_t kMaxAntennas = 16;
constexpr std::size_t kMaxPayload = 255;
constexpr double kMinFrequencyMhz = 100;
constexpr double kMaxFrequencyMhz = 3000;
constexpr std::int64_t kMaxTmms = 253'402'300'799'000;  // about the year 9999

struct Antenna {
    std::uint8_t number;
    std::uint16_t channel;
    std::int16_t rssi_dbm;
    float snr_db;
    std::optional<std::uint32_t> fine_time_ns;
};

// What has been read of one rxpk, before it is known whether it is one.
struct Fields {
    lns::GatewayUplink uplink;
    bool bad_member = false;
    bool bad_payload = true;  // until there is a good one
    bool rssi = false;
    bool snr = false;
    bool crc_ok = true;  // forwarders that say nothing send good frames only
    std::string_view modu;
    std::string_view codr;
    std::string_view datr_text;
    std::optional<std::int64_t> datr_number;
    std::uint16_t grid_steps = 0;
    std::array<Antenna, kMaxAntennas> antennas;
    std::size_t antenna_count = 0;
    std::map<std::string, std::string> metadata;
    std::size_t payload_size = 0;
};

template <class T>
bool read_unsigned(JsonReader& in, T& out) {
    const auto number = in.number();
    if (!number || !number->integer) return false;
    if (*number->integer < 0 || *number->integer > std::numeric_limits<T>::max()) return false;
    out = static_cast<T>(*number->integer);
    return true;
}

bool read_rssi(JsonReader& in, std::int16_t& out) {
    const auto number = in.number();
    if (!number || !(number->value >= -300 && number->value <= 100)) return false;
    out = static_cast<std::int16_t>(std::lround(number->value));
    return true;
}

bool read_snr(JsonReader& in, float& out) {
    const auto number = in.number();
    if (!number || !(number->value >= -100 && number->value <= 100)) return false;
    out = static_cast<float>(number->value);
    return true;
}

bool read_frequency(JsonReader& in, std::uint32_t& out) {
    const auto mhz = in.number();
    if (!mhz || !(mhz->value >= kMinFrequencyMhz && mhz->value <= kMaxFrequencyMhz)) return false;
    out = static_cast<std::uint32_t>(std::llround(mhz->value * 1e6));
    return true;
}

// 1: good, -1: bad, 0: there was none.
bool read_crc(JsonReader& in, bool& ok) {
    const auto number = in.number();
    if (!number || !number->integer || std::abs(*number->integer) > 1) return false;
    ok = *number->integer == 1;
    return true;
}

// Strings without escapes only: nothing that needs one is a value of these members.
std::string_view read_word(JsonReader& in) {
    const auto text = in.string();
    return text ? text->raw : std::string_view{};
}

std::optional<Instant> read_time(JsonReader& in) { return from_rfc3339(read_word(in)); }

std::optional<GpsTime> read_tmms(JsonReader& in) {
    const auto ms = in.number();
    if (!ms || !ms->integer || *ms->integer < 0 || *ms->integer > kMaxTmms) return std::nullopt;
    return GpsTime{std::chrono::milliseconds(*ms->integer)};
}

std::optional<std::uint32_t> read_fine_time(JsonReader& in) {
    std::uint32_t ns = 0;
    if (!read_unsigned(in, ns) || ns > 999'999'999) return std::nullopt;
    return ns;
}

// Base64 is often escaped by cautious writers ("\/"), so this one string is unescaped.
void read_data(JsonReader& in, Fields& fields, PushData& out) {
    fields.bad_payload = true;  // even if there was a good one: this one is written over it
    const auto text = in.string();
    if (!text) return;
    std::array<char, 4 * kMaxPayload> scratch;
    const auto base64 = text->text(scratch);
    if (!base64) return;
    const std::span<std::uint8_t> space = std::span(out.payloads).subspan(out.payloads_used);
    const auto size = from_base64(*base64, space.first(std::min(space.size(), kMaxPayload)));
    if (!size || *size == 0) return;
    fields.bad_payload = false;
    fields.payload_size = *size;
}

void read_antenna(JsonReader& in, Fields& fields) {
    if (!in.enter_object()) return in.skip();
    Antenna antenna{};
    bool good = true;
    bool rssi = false;
    std::string_view key;
    while (in.next_member(key)) {
        switch (name_tag(key)) {
            case name_tag("ant"):
                good &= read_unsigned(in, antenna.number);
                break;
            case name_tag("chan"):
                good &= read_unsigned(in, antenna.channel);
                break;
            case name_tag("rssic"):
                rssi = read_rssi(in, antenna.rssi_dbm);
                break;
            case name_tag("lsnr"):
                good &= read_snr(in, antenna.snr_db);
                break;
            case name_tag("ftime"):
                antenna.fine_time_ns = read_fine_time(in);
                break;
            default:
                in.skip();
        }
    }
    if (!good || !rssi || fields.antenna_count == kMaxAntennas) return;
    fields.antennas[fields.antenna_count++] = antenna;
}

void read_antennas(JsonReader& in, Fields& fields) {
    if (!in.enter_array()) return in.skip();
    while (in.next_element()) read_antenna(in, fields);
}

void read_datr(JsonReader& in, Fields& fields) {
    if (in.next_is_string()) {
        fields.datr_text = read_word(in);
    } else if (const auto number = in.number()) {
        fields.datr_number = number->integer;
    }
}

void read_member(std::string_view key, JsonReader& in, Fields& fields, PushData& out) {
    lns::GatewayUplink& uplink = fields.uplink;
    switch (name_tag(key)) {
        case name_tag("tmst"):
            fields.bad_member |= !read_unsigned(in, uplink.counter_us.emplace());
            break;
        case name_tag("freq"):
            fields.bad_member |= !read_frequency(in, uplink.frequency_hz);
            break;
        case name_tag("chan"):
            fields.bad_member |= !read_unsigned(in, uplink.channel);
            break;
        case name_tag("rfch"):
            fields.bad_member |= !read_unsigned(in, uplink.rf_chain);
            break;
        case name_tag("brd"):
            fields.bad_member |= !read_unsigned(in, uplink.board);
            break;
        case name_tag("rssi"):
            fields.rssi = read_rssi(in, uplink.rssi_dbm);
            fields.bad_member |= !fields.rssi;
            break;
        case name_tag("lsnr"):
            fields.snr = read_snr(in, uplink.snr_db);
            break;
        case name_tag("stat"):
            fields.bad_member |= !read_crc(in, fields.crc_ok);
            break;
        case name_tag("modu"):
            fields.modu = read_word(in);
            break;
        case name_tag("datr"):
            read_datr(in, fields);
            break;
        case name_tag("codr"):
            fields.codr = read_word(in);
            break;
        case name_tag("hpw"):
            fields.bad_member |= !read_unsigned(in, fields.grid_steps);
            break;
        case name_tag("data"):
            read_data(in, fields, out);
            break;
        case name_tag("time"):
            uplink.gateway_time = read_time(in);
            break;
        case name_tag("tmms"):
            uplink.gps_time = read_tmms(in);
            break;
        case name_tag("ftime"):
            uplink.fine_time_ns = read_fine_time(in);
            break;
        case name_tag("rsig"):
            read_antennas(in, fields);
            break;
        case name_tag("meta"):
            read_metadata(in, fields.metadata);
            break;
        default:
            in.skip();
    }
}

std::optional<lns::Modulation> modulation_of(const Fields& fields) {
    if (fields.modu == "LORA") return parse_lora(fields.datr_text, fields.codr);
    if (fields.modu == "FSK" && fields.datr_number) return parse_fsk(*fields.datr_number);
    if (fields.modu == "LR-FHSS") {
        return parse_lr_fhss(fields.datr_text, fields.codr, fields.grid_steps);
    }
    return std::nullopt;
}

// ADR and the choice of a gateway stand on these, so LoRa without them is not let in.
bool lacks_levels(const Fields& fields) {
    if (fields.antenna_count > 0) return false;
    return !fields.rssi || (fields.modu == "LORA" && !fields.snr);
}

void add_uplinks(Fields& fields, const lns::Modulation& modulation, PushData& out) {
    lns::GatewayUplink& uplink = fields.uplink;
    uplink.modulation = modulation;
    uplink.phy_payload = ByteView(out.payloads).subspan(out.payloads_used, fields.payload_size);
    out.payloads_used += fields.payload_size;
    if (!fields.metadata.empty()) {
        uplink.metadata = &out.metadata.emplace_back(std::move(fields.metadata));
    }
    if (fields.antenna_count == 0) return out.uplinks.push_back(uplink);
    for (std::size_t i = 0; i < fields.antenna_count; ++i) {
        const Antenna& antenna = fields.antennas[i];
        lns::GatewayUplink& heard = out.uplinks.emplace_back(uplink);
        heard.antenna = antenna.number;
        heard.channel = antenna.channel;
        heard.rssi_dbm = antenna.rssi_dbm;
        heard.snr_db = antenna.snr_db;
        if (antenna.fine_time_ns) heard.fine_time_ns = antenna.fine_time_ns;
    }
}

}  // namespace

void read_rxpk(JsonReader& in, PushData& out) {
    if (!in.enter_object()) return in.skip(), out.drop(RxpkFlaw::bad_member);
    Fields fields;
    std::string_view key;
    while (in.next_member(key)) read_member(key, in, fields, out);

    const auto modulation = modulation_of(fields);
    if (!fields.crc_ok) return out.drop(RxpkFlaw::crc);
    if (fields.bad_member || fields.uplink.frequency_hz == 0) return out.drop(RxpkFlaw::bad_member);
    if (!modulation) return out.drop(RxpkFlaw::bad_modulation);
    if (lacks_levels(fields)) return out.drop(RxpkFlaw::bad_member);
    if (fields.bad_payload) return out.drop(RxpkFlaw::bad_payload);
    const std::size_t copies = std::max<std::size_t>(fields.antenna_count, 1);
    if (out.uplinks.size() + copies > PushData::kMaxUplinks) return out.drop(RxpkFlaw::too_many);
    add_uplinks(fields, *modulation, out);
}

}  // namespace helio::gateway_bridge::semtech_udp
