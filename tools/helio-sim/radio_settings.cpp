#include "tools/helio-sim/radio_settings.h"

#include <cassert>

namespace helio::sim {
namespace {

using Kind = lns::ChMaskControl::Kind;

void set_sixteen(lns::ChannelSet& set, std::size_t first, std::uint16_t mask) {
    for (std::size_t i = 0; i < 16 && first + i < set.size(); ++i) set[first + i] = mask >> i & 1;
}

void set_bank(const lns::SubBand& bank, bool on, lns::ChannelSet& set) {
    for (std::size_t i = 0; i < 8; ++i) set[bank.first_channel + i] = on;
    set[bank.wide_channel] = on;
}

}  // namespace

RadioSettings RadioSettings::defaults(const lns::Region& region, unsigned sub_band) {
    RadioSettings out{.region = &region,
                      .rx2_data_rate = region.rx2_data_rate,
                      .rx2_frequency_hz = region.rx2_frequency_hz,
                      .max_eirp_dbm = region.max_eirp_dbm};
    out.channels.resize(region.max_channels);
    for (std::size_t i = 0; i < region.channels.size(); ++i) {
        const lns::Channel& channel = region.channels[i];
        out.channels[i] =
            DeviceChannel{channel.frequency_hz, channel.min_data_rate, channel.max_data_rate};
        out.enabled.set(i, sub_band == 0);
    }
    assert(sub_band <= region.sub_bands.size());
    if (sub_band > 0) set_bank(region.sub_bands[sub_band - 1], true, out.enabled);
    return out;
}

lns::ChannelSet RadioSettings::defined() const {
    lns::ChannelSet out;
    for (std::size_t i = 0; i < channels.size(); ++i) out.set(i, channels[i].has_value());
    return out;
}

std::vector<std::uint8_t> RadioSettings::usable(unsigned rate) const {
    std::vector<std::uint8_t> out;
    for (std::size_t i = 0; i < channels.size(); ++i) {
        if (!enabled[i] || !channels[i]) continue;
        if (rate < channels[i]->min_data_rate || rate > channels[i]->max_data_rate) continue;
        out.push_back(static_cast<std::uint8_t>(i));
    }
    return out;
}

std::optional<std::uint8_t> RadioSettings::slower(unsigned rate) const {
    while (rate-- > 0) {
        if (region->data_rate(lns::Direction::up, rate) != nullptr && !usable(rate).empty()) {
            return static_cast<std::uint8_t>(rate);
        }
    }
    return std::nullopt;
}

std::int8_t RadioSettings::eirp_dbm() const {
    return static_cast<std::int8_t>(max_eirp_dbm + region->tx_power_offset_db[power_index]);
}

void RadioSettings::apply(const lns::CFList& list) {
    if (const auto* const masks = std::get_if<lns::CFListMasks>(&list)) {
        lns::ChannelSet set;
        for (std::size_t i = 0; i < masks->masks.size(); ++i) {
            set_sixteen(set, 16 * i, masks->masks[i]);
        }
        enabled = set & defined();
        return;
    }
    const auto& hz = std::get<lns::CFListFrequencies>(list).hz;
    for (std::size_t i = 0; i < hz.size(); ++i) {
        const std::size_t index = region->channels.size() + i;
        if (hz[i] == 0 || index >= channels.size() || !region->contains(hz[i])) continue;
        channels[index] =
            DeviceChannel{hz[i], region->cflist_min_data_rate, region->cflist_max_data_rate};
        enabled.set(index);
    }
}

std::optional<lns::ChannelSet> masked(const RadioSettings& settings,
                                      const lns::ChannelSet& before,
                                      unsigned control,
                                      std::uint16_t mask) {
    if (control >= settings.region->ch_mask_control.size()) return std::nullopt;
    const lns::ChMaskControl& rule = settings.region->ch_mask_control[control];
    lns::ChannelSet out = before;
    switch (rule.kind) {
        case Kind::rfu:
            return std::nullopt;
        case Kind::sixteen:
            set_sixteen(out, rule.first_channel, mask);
            break;
        case Kind::banks:
            for (std::size_t i = 0; i < settings.region->sub_bands.size(); ++i) {
                set_bank(settings.region->sub_bands[i], (mask >> i & 1) != 0, out);
            }
            break;
        case Kind::all_on:
            out = settings.defined();
            break;
        case Kind::narrow_all_on:
        case Kind::narrow_all_off:
            for (std::size_t i = 0; i < rule.first_channel; ++i) {
                out[i] = rule.kind == Kind::narrow_all_on;
            }
            set_sixteen(out, rule.first_channel, mask);
            break;
    }
    if ((out & ~settings.defined()).any()) return std::nullopt;
    return out;
}

}  // namespace helio::sim
