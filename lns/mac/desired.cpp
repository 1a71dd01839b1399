#include "lns/mac/desired.h"

#include "lns/proto/device.pb.h"

#include <algorithm>

namespace helio::lns::mac {
namespace {

// RX windows and limits, which a profile may set and the network's settings otherwise do.
struct Windows {
    std::uint8_t rx_delay_1_s;
    std::uint8_t rx1_dr_offset;
    std::uint8_t rx2_data_rate;
    std::uint32_t rx2_frequency_hz;
};

Windows windows_of(const Region& region,
                   const NetworkSettings& settings,
                   const proto::DeviceProfile& profile) {
    const auto either = [](unsigned first, unsigned second) { return first != 0 ? first : second; };
    const unsigned rx2_dr = profile.has_rx2_data_rate()
                                ? profile.rx2_data_rate()
                                : settings.rx2_data_rate.value_or(region.rx2_data_rate);
    Windows w{
        .rx_delay_1_s = static_cast<std::uint8_t>(
            std::clamp(either(profile.rx_delay_1_s(), settings.rx_delay_1_s), 1u, 15u)),
        .rx1_dr_offset =
            static_cast<std::uint8_t>(either(profile.rx1_dr_offset(), settings.rx1_dr_offset)),
        .rx2_data_rate = static_cast<std::uint8_t>(rx2_dr),
        .rx2_frequency_hz = profile.has_rx2_frequency_hz()
                                ? profile.rx2_frequency_hz()
                                : settings.rx2_frequency_hz.value_or(region.rx2_frequency_hz),
    };
    // A profile made for another region must not make requests that a device has to refuse.
    if (w.rx1_dr_offset > region.max_rx1_dr_offset) w.rx1_dr_offset = 0;
    if (region.data_rate(Direction::down, w.rx2_data_rate) == nullptr)
        w.rx2_data_rate = region.rx2_data_rate;
    if (!region.contains(w.rx2_frequency_hz) || w.rx2_frequency_hz % region.frequency_step_hz != 0)
        w.rx2_frequency_hz = region.rx2_frequency_hz;
    return w;
}

// A limit in percent (TS002 MaxDutyCycle) as the exponent that DutyCycleReq carries, never above
// the limit.  0 and 100 are none.
std::uint8_t duty_cycle_exponent(unsigned percent) {
    if (percent == 0) return 0;
    std::uint8_t exponent = 0;
    while (exponent < 15 && 100u > percent << exponent) ++exponent;
    return exponent;
}

// Whether a device of the region could have this channel beside the region's own.
bool can_be_added(const Region& region, const Channel& channel) {
    return region.contains(channel.frequency_hz) &&
           channel.frequency_hz % region.frequency_step_hz == 0 &&
           !region.find_channel(channel.frequency_hz) &&
           channel.min_data_rate <= channel.max_data_rate &&
           region.data_rate(Direction::up, channel.max_data_rate) != nullptr;
}

// The channels that a free plan gains, at the indices after its own.  What a device would have to
// refuse is left out, and its index with it, so that the others stay where they are.
void add_channels(const Region& region, const NetworkSettings& settings, Parameters& p) {
    if (!region.channels_can_be_added) return;
    std::size_t index = region.channels.size();
    for (const Channel& channel : settings.extra_channels) {
        if (index >= kFreeChannels || index >= region.max_channels) return;
        if (can_be_added(region, channel)) {
            p.channels[index] = {
                channel.frequency_hz, 0, channel.min_data_rate, channel.max_data_rate};
            p.enabled.set(index);
        }
        ++index;
    }
}

ChannelSet channels_of_sub_bands(const Region& region, std::uint8_t sub_bands) {
    ChannelSet on;
    for (std::size_t band = 0; band < region.sub_bands.size(); ++band) {
        if (sub_bands != 0 && (sub_bands >> band & 1) == 0) continue;
        for (std::size_t i = 0; i < 8; ++i) on.set(region.sub_bands[band].first_channel + i);
        on.set(region.sub_bands[band].wide_channel);
    }
    return on;
}

}  // namespace

NetworkSettings default_settings(const Region& region) {
    NetworkSettings settings;
    for (const std::uint32_t hz : region.usual_extra_channels_hz) {
        settings.extra_channels.push_back(
            {hz, region.cflist_min_data_rate, region.cflist_max_data_rate});
    }
    return settings;
}

Parameters desired_parameters(const Region& region,
                              const NetworkSettings& settings,
                              const proto::DeviceProfile& profile,
                              const Parameters& current,
                              const std::optional<LinkSettings>& link) {
    Parameters p = region_defaults(region);
    const Windows w = windows_of(region, settings, profile);
    p.rx_delay_1_s = w.rx_delay_1_s;
    p.rx1_dr_offset = w.rx1_dr_offset;
    p.rx2_data_rate = w.rx2_data_rate;
    p.rx2_frequency_hz = w.rx2_frequency_hz;
    p.max_duty_cycle = profile.has_max_duty_cycle()
                           ? duty_cycle_exponent(profile.max_duty_cycle())
                           : std::min<std::uint8_t>(settings.max_duty_cycle, 15);
    if (profile.has_max_eirp_dbm() && region.tx_param_setup)
        p.max_eirp_dbm = static_cast<std::uint8_t>(profile.max_eirp_dbm());
    add_channels(region, settings, p);
    if (!region.sub_bands.empty()) p.enabled = channels_of_sub_bands(region, settings.sub_bands);

    p.data_rate = link ? link->data_rate : current.data_rate;
    p.tx_power_index = link ? link->tx_power_index : current.tx_power_index;
    p.nb_trans = link ? link->nb_trans : current.nb_trans;
    return p;
}

Parameters personalised_parameters(const Region& region, const proto::DeviceProfile& profile) {
    Parameters p = region_defaults(region);
    const Windows w = windows_of(region, {}, profile);
    p.rx_delay_1_s = w.rx_delay_1_s;
    p.rx1_dr_offset = w.rx1_dr_offset;
    p.rx2_data_rate = w.rx2_data_rate;
    p.rx2_frequency_hz = w.rx2_frequency_hz;
    if (profile.factory_preset_frequencies_hz().empty()) return p;

    // The list names every channel that is on, the region's own ones among them.
    ChannelSet on;
    std::size_t next = region.channels.size();
    for (const std::uint32_t hz : profile.factory_preset_frequencies_hz()) {
        if (const auto own = region.find_channel(hz)) {
            on.set(*own);
        } else if (region.channels_can_be_added && next < kFreeChannels &&
                   can_be_added(region,
                                {hz, region.cflist_min_data_rate, region.cflist_max_data_rate})) {
            p.channels[next] = {hz, 0, region.cflist_min_data_rate, region.cflist_max_data_rate};
            on.set(next++);
        }
    }
    if (on.any()) p.enabled = on;
    return p;
}

JoinSettings join_settings(const Region& region,
                           const NetworkSettings& settings,
                           const proto::DeviceProfile& profile) {
    const Windows w = windows_of(region, settings, profile);
    JoinSettings join{
        .rx1_dr_offset = w.rx1_dr_offset,
        .rx2_data_rate = w.rx2_data_rate,
        .rx_delay_s = w.rx_delay_1_s,
    };
    if (static_cast<unsigned>(profile.mac_version()) < region.cflist_min_mac_version) return join;

    Parameters p = region_defaults(region);
    if (region.cflist_type == 1) {
        p.enabled = channels_of_sub_bands(region, settings.sub_bands);
        CFListMasks list;
        for (std::size_t i = 0; 16 * i < region.channels.size(); ++i)
            list.masks[i] = mask_of(p.enabled, 16 * i);
        join.cflist = list;
        return join;
    }
    add_channels(region, settings, p);
    CFListFrequencies list;
    const std::size_t first = region.channels.size();
    for (std::size_t i = 0; i < list.hz.size() && first + i < kFreeChannels; ++i) {
        // A list says frequencies only: a channel with other data rates needs NewChannelReq.
        const DeviceChannel& channel = p.channels[first + i];
        if (channel.min_data_rate == region.cflist_min_data_rate &&
            channel.max_data_rate == region.cflist_max_data_rate)
            list.hz[i] = channel.uplink_hz;
    }
    if (list != CFListFrequencies{}) join.cflist = list;
    return join;
}

Parameters parameters_after_join(const Region& region,
                                 const JoinSettings& settings,
                                 std::uint8_t uplink_data_rate) {
    Parameters p = region_defaults(region);
    p.data_rate = uplink_data_rate;
    p.rx1_dr_offset = settings.rx1_dr_offset;
    p.rx2_data_rate = settings.rx2_data_rate;
    p.rx_delay_1_s = std::max<std::uint8_t>(1, settings.rx_delay_s);
    if (!settings.cflist) return p;
    if (const auto* list = std::get_if<CFListFrequencies>(&*settings.cflist)) {
        for (std::size_t i = 0; i < list->hz.size(); ++i) {
            const std::size_t index = region.channels.size() + i;
            if (list->hz[i] == 0 || index >= kFreeChannels) continue;
            p.channels[index] = {
                list->hz[i], 0, region.cflist_min_data_rate, region.cflist_max_data_rate};
            p.enabled.set(index);
        }
        return p;
    }
    const auto& masks = std::get<CFListMasks>(*settings.cflist).masks;
    for (std::size_t i = 0; i < region.channels.size(); ++i)
        p.enabled.set(i, (masks[i / 16] >> (i % 16) & 1) != 0);
    return p;
}

}  // namespace helio::lns::mac
