#include "lns/mac/parameters.h"

#include "lns/proto/session.pb.h"

#include <algorithm>

namespace helio::lns::mac {

Parameters from_proto(const proto::MacParameters& stored) {
    Parameters p{
        .data_rate = static_cast<std::uint8_t>(stored.data_rate()),
        .tx_power_index = static_cast<std::uint8_t>(stored.tx_power_index()),
        .nb_trans = static_cast<std::uint8_t>(std::max(1u, stored.nb_trans())),
        .rx_delay_1_s = static_cast<std::uint8_t>(std::max(1u, stored.rx_delay_1_s())),
        .rx1_dr_offset = static_cast<std::uint8_t>(stored.rx1_dr_offset()),
        .rx2_data_rate = static_cast<std::uint8_t>(stored.rx2_data_rate()),
        .rx2_frequency_hz = stored.rx2_frequency_hz(),
        .max_duty_cycle = static_cast<std::uint8_t>(stored.max_duty_cycle()),
        .uplink_dwell_time = stored.uplink_dwell_time(),
        .downlink_dwell_time = stored.downlink_dwell_time(),
        .max_eirp_dbm = static_cast<std::uint8_t>(stored.max_eirp_dbm()),
        .enabled = channel_set_of(stored.enabled_channels()),
    };
    for (const auto& [index, channel] : stored.extra_channels()) {
        if (index >= p.channels.size()) continue;
        p.channels[index] = {
            .uplink_hz = channel.uplink_frequency_hz(),
            .downlink_hz = channel.downlink_frequency_hz(),
            .min_data_rate = static_cast<std::uint8_t>(channel.min_data_rate()),
            .max_data_rate = static_cast<std::uint8_t>(channel.max_data_rate()),
        };
    }
    return p;
}

void to_proto(const Parameters& p, proto::MacParameters& stored) {
    stored.set_data_rate(p.data_rate);
    stored.set_tx_power_index(p.tx_power_index);
    stored.set_nb_trans(p.nb_trans);
    stored.set_rx_delay_1_s(p.rx_delay_1_s);
    stored.set_rx1_dr_offset(p.rx1_dr_offset);
    stored.set_rx2_data_rate(p.rx2_data_rate);
    stored.set_rx2_frequency_hz(p.rx2_frequency_hz);
    stored.set_max_duty_cycle(p.max_duty_cycle);
    stored.set_uplink_dwell_time(p.uplink_dwell_time);
    stored.set_downlink_dwell_time(p.downlink_dwell_time);
    stored.set_max_eirp_dbm(p.max_eirp_dbm);
    stored.set_enabled_channels(to_bytes(p.enabled));
    auto& channels = *stored.mutable_extra_channels();
    channels.clear();
    for (std::size_t i = 0; i < p.channels.size(); ++i) {
        const DeviceChannel& from = p.channels[i];
        if (from == DeviceChannel{}) continue;
        proto::Channel& to = channels[static_cast<std::uint32_t>(i)];
        to.set_uplink_frequency_hz(from.uplink_hz);
        to.set_downlink_frequency_hz(from.downlink_hz);
        to.set_min_data_rate(from.min_data_rate);
        to.set_max_data_rate(from.max_data_rate);
    }
}

Parameters region_defaults(const Region& region) {
    Parameters p{
        .rx_delay_1_s = static_cast<std::uint8_t>(kReceiveDelay1.count()),
        .rx2_data_rate = region.rx2_data_rate,
        .rx2_frequency_hz = region.rx2_frequency_hz,
        .max_eirp_dbm = static_cast<std::uint8_t>(region.max_eirp_dbm),
    };
    for (std::size_t i = 0; i < region.channels.size(); ++i) p.enabled.set(i);
    return p;
}

ChannelSet defined_channels(const Region& region, const Parameters& p) {
    ChannelSet set;
    for (std::size_t i = 0; i < region.channels.size(); ++i) set.set(i);
    if (!region.channels_can_be_added) return set;
    for (std::size_t i = region.channels.size(); i < p.channels.size(); ++i)
        set.set(i, p.channels[i].uplink_hz != 0);
    return set;
}

std::optional<std::uint8_t> find_channel(const Region& region,
                                         const Parameters& p,
                                         std::uint32_t uplink_hz) {
    if (const auto own = region.find_channel(uplink_hz)) return own;
    if (!region.channels_can_be_added) return std::nullopt;
    for (std::size_t i = region.channels.size(); i < p.channels.size(); ++i) {
        if (p.channels[i].uplink_hz == uplink_hz) return static_cast<std::uint8_t>(i);
    }
    return std::nullopt;
}

bool data_rate_is_usable(const Region& region, const Parameters& p, unsigned data_rate) {
    if (region.data_rate(Direction::up, data_rate) == nullptr) return false;
    const auto carries = [&](unsigned min, unsigned max) {
        return data_rate >= min && data_rate <= max;
    };
    for (std::size_t i = 0; i < region.max_channels; ++i) {
        if (!p.enabled.test(i)) continue;
        if (i < region.channels.size()) {
            const Channel& c = region.channels[i];
            if (carries(c.min_data_rate, c.max_data_rate)) return true;
        } else if (i < p.channels.size() && p.channels[i].uplink_hz != 0) {
            if (carries(p.channels[i].min_data_rate, p.channels[i].max_data_rate)) return true;
        }
    }
    return false;
}

std::optional<std::uint32_t> rx1_frequency_hz(const Region& region,
                                              const Parameters& p,
                                              std::uint32_t uplink_hz) {
    const auto channel = find_channel(region, p, uplink_hz);
    if (!channel) {
        if (!region.rx1_frequencies_hz.empty()) return std::nullopt;
        return region.rx1_frequency_hz(uplink_hz, 0);
    }
    if (*channel < p.channels.size() && p.channels[*channel].downlink_hz != 0)
        return p.channels[*channel].downlink_hz;
    return region.rx1_frequency_hz(uplink_hz, *channel);
}

}  // namespace helio::lns::mac
