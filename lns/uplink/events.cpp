#include "lns/uplink/events.h"

#include "base/big_endian.h"

#include <array>

namespace helio::lns {
namespace {

constexpr auto kMaxGatewayDrift = std::chrono::seconds(30);

std::uint64_t mix(std::uint64_t v) {
    v = (v ^ v >> 30) * 0xbf58'476d'1ce4'e5b9u;
    v = (v ^ v >> 27) * 0x94d0'49bb'1331'11ebu;
    return v ^ v >> 31;
}

bool is_near(Instant a, Instant b) { return a - b < kMaxGatewayDrift && b - a < kMaxGatewayDrift; }

}  // namespace

void to_proto(const Modulation& modulation, proto::Modulation& out) {
    if (const auto* lora = std::get_if<LoraModulation>(&modulation)) {
        auto& m = *out.mutable_lora();
        m.set_bandwidth_hz(lora->bandwidth_hz);
        m.set_spreading_factor(lora->spreading_factor);
        m.set_code_rate(lora->code_rate);
    } else if (const auto* fsk = std::get_if<FskModulation>(&modulation)) {
        auto& m = *out.mutable_fsk();
        m.set_bit_rate(fsk->bit_rate);
        m.set_frequency_deviation_hz(fsk->frequency_deviation_hz);
    } else if (const auto* lr_fhss = std::get_if<LrFhssModulation>(&modulation)) {
        auto& m = *out.mutable_lr_fhss();
        m.set_operating_channel_width_hz(lr_fhss->operating_channel_width_hz);
        m.set_code_rate(lr_fhss->code_rate);
        m.set_grid_steps(lr_fhss->grid_steps);
    }
}

void to_proto(const Copy& copy, proto::Reception& out) {
    out.set_gateway_eui(copy.path.gateway.value());
    out.set_uplink_id(copy.uplink_id);
    out.set_received_at_us(to_unix_us(copy.received_at));
    if (copy.gateway_time) out.set_gateway_time_us(to_unix_us(*copy.gateway_time));
    if (copy.gps_time) out.set_gps_time_us(copy.gps_time->since_epoch.count());
    if (copy.fine_time_ns) out.set_fine_time_ns(*copy.fine_time_ns);
    if (copy.counter_us) out.set_counter_us(*copy.counter_us);
    out.set_rssi_dbm(copy.rssi_dbm);
    out.set_snr_db(copy.snr_db);
    out.set_channel(copy.channel);
    out.set_rf_chain(copy.rf_chain);
    out.set_board(copy.board);
    out.set_antenna(copy.antenna);
    if (copy.metadata) out.mutable_metadata()->insert(copy.metadata->begin(), copy.metadata->end());
}

Instant time_of(const UplinkSet& set) {
    for (const Copy& copy : set.copies) {
        if (copy.gps_time) return to_utc(*copy.gps_time);
    }
    for (const Copy& copy : set.copies) {
        if (copy.gateway_time && is_near(*copy.gateway_time, copy.received_at)) {
            return *copy.gateway_time;
        }
    }
    return set.first_at;
}

GpsTime gps_time_of(const UplinkSet& set) {
    for (const Copy& copy : set.copies) {
        if (copy.gps_time) return *copy.gps_time;
    }
    return to_gps(time_of(set));
}

std::uint64_t salt_of(const UplinkSet& set) {
    std::uint64_t salt = static_cast<std::uint64_t>(to_unix_us(set.first_at));
    const ByteView phy = set.phy_payload;
    for (const std::uint8_t byte : phy.last(std::min<std::size_t>(phy.size(), 4))) {
        salt = mix(salt ^ byte);
    }
    return salt;
}

void begin_event(Eui64 dev_eui, Instant at, std::uint64_t salt, proto::Event& event) {
    event.set_dev_eui(dev_eui.value());
    event.set_time_us(to_unix_us(at));
    std::array<std::uint8_t, 16> id;
    const std::uint64_t high = mix(dev_eui.value() ^ salt);
    store_big_endian(id.data(), high);
    store_big_endian(id.data() + 8, mix(high + static_cast<std::uint64_t>(to_unix_us(at))));
    id[6] =
        static_cast<std::uint8_t>((id[6] & 0x0f) | 0x80);  // a UUID of version 8: our own making
    id[8] = static_cast<std::uint8_t>((id[8] & 0x3f) | 0x80);
    event.set_deduplication_id(id.data(), id.size());
}

proto::Event log_event(Eui64 dev_eui,
                       Instant at,
                       proto::LogEvent::Level level,
                       std::string_view code,
                       std::string_view description) {
    proto::Event event;
    begin_event(dev_eui, at, code.size() + description.size() * 131, event);
    auto& log = *event.mutable_log();
    log.set_level(level);
    log.set_code(std::string(code));
    log.set_description(std::string(description));
    return event;
}

}  // namespace helio::lns
