#include "lns/region/region.h"

#include "lns/region/tables.h"

#include <algorithm>

namespace helio::lns {
namespace {

constexpr const Region* kRegions[] = {&kEu868, &kUs915};

// Two modulations are one data rate though a gateway reports less or more of them: the coding rate
// of LoRa, the deviation of FSK and the grid of LR-FHSS follow from the rest.
struct SameDataRate {
    bool operator()(const LoraModulation& a, const LoraModulation& b) const {
        return a.spreading_factor == b.spreading_factor && a.bandwidth_hz == b.bandwidth_hz;
    }
    bool operator()(const FskModulation& a, const FskModulation& b) const {
        return a.bit_rate == b.bit_rate;
    }
    bool operator()(const LrFhssModulation& a, const LrFhssModulation& b) const {
        return a.operating_channel_width_hz == b.operating_channel_width_hz &&
               a.code_rate == b.code_rate;
    }
    template <class A, class B>
    bool operator()(const A&, const B&) const {
        return false;
    }
};

}  // namespace

const DataRate* Region::data_rate(Direction direction, unsigned index) const {
    const auto rows = direction == Direction::up ? uplink_data_rates : downlink_data_rates;
    return index < rows.size() && rows[index] ? &*rows[index] : nullptr;
}

std::optional<std::uint8_t> Region::find_data_rate(Direction direction,
                                                   const Modulation& modulation) const {
    const auto rows = direction == Direction::up ? uplink_data_rates : downlink_data_rates;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (rows[i] && std::visit(SameDataRate{}, rows[i]->modulation, modulation))
            return static_cast<std::uint8_t>(i);
    }
    return std::nullopt;
}

std::uint8_t Region::max_payload(Direction direction, unsigned index) const {
    const DataRate* row = data_rate(direction, index);
    return row == nullptr ? std::uint8_t{0} : row->max_payload();
}

std::optional<std::uint8_t> Region::rx1_data_rate(unsigned uplink_data_rate,
                                                  unsigned offset) const {
    if (uplink_data_rate >= rx1_rows.size() || offset > max_rx1_dr_offset) return std::nullopt;
    const std::uint8_t answer = rx1_rows[uplink_data_rate].data_rate[offset];
    return answer == kNoDataRate ? std::nullopt : std::optional(answer);
}

std::uint32_t Region::rx1_frequency_hz(std::uint32_t uplink_frequency_hz,
                                       unsigned uplink_channel) const {
    if (rx1_frequencies_hz.empty()) return uplink_frequency_hz;
    return rx1_frequencies_hz[uplink_channel % rx1_frequencies_hz.size()];
}

std::optional<std::uint8_t> Region::find_channel(std::uint32_t frequency_hz) const {
    const auto at = std::ranges::find(channels, frequency_hz, &Channel::frequency_hz);
    if (at == channels.end()) return std::nullopt;
    return static_cast<std::uint8_t>(at - channels.begin());
}

const DutyBand* Region::duty_band(std::uint32_t frequency_hz) const {
    // Where two bands meet, the lower ends just below the frequency they share.
    const auto at = std::ranges::find_if(duty_bands, [&](const DutyBand& band) {
        return frequency_hz >= band.min_hz && frequency_hz < band.max_hz;
    });
    return at == duty_bands.end() ? nullptr : &*at;
}

std::int8_t Region::max_downlink_eirp_dbm(std::uint32_t frequency_hz) const {
    const DutyBand* band = duty_band(frequency_hz);
    return band == nullptr ? downlink_eirp_dbm : band->max_eirp_dbm;
}

const Region* find_region(std::string_view name) {
    const auto at = std::ranges::find(kRegions, name, [](const Region* r) { return r->name; });
    return at == std::end(kRegions) ? nullptr : *at;
}

std::span<const Region* const> all_regions() { return kRegions; }

std::optional<ChannelSet> apply_ch_mask(const Region& region,
                                        unsigned control,
                                        std::uint16_t mask,
                                        const ChannelSet& enabled,
                                        const ChannelSet& defined) {
    using Kind = ChMaskControl::Kind;
    if (control >= region.ch_mask_control.size()) return std::nullopt;
    const ChMaskControl rule = region.ch_mask_control[control];
    const std::size_t first = rule.first_channel;

    ChannelSet after = enabled;
    switch (rule.kind) {
        case Kind::rfu:
            return std::nullopt;
        case Kind::all_on:
            return defined;
        case Kind::banks:
            for (std::size_t bank = 0; bank < region.sub_bands.size(); ++bank) {
                const SubBand& band = region.sub_bands[bank];
                const bool on = (mask >> bank & 1) != 0;
                for (std::size_t i = 0; i < 8; ++i) after.set(band.first_channel + i, on);
                after.set(band.wide_channel, on);
            }
            break;
        case Kind::narrow_all_on:
        case Kind::narrow_all_off:
            for (std::size_t i = 0; i < first; ++i) after.set(i, rule.kind == Kind::narrow_all_on);
            [[fallthrough]];
        case Kind::sixteen:
            // Bits of the mask beyond a fixed plan's last channel are reserved and ignored.
            for (std::size_t i = 0; i < 16 && first + i < region.max_channels; ++i)
                after.set(first + i, (mask >> i & 1) != 0);
            break;
    }
    if ((after & ~defined).any()) return std::nullopt;
    return after;
}

}  // namespace helio::lns
