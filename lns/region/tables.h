// Short spellings for the rows of the regions' tables, and the checks that every table keeps.
// Included by lns/region/*.cpp only.
#pragma once

#include "lns/region/region.h"

namespace helio::lns::internal {

constexpr DataRateRow lora(std::uint8_t sf,
                           std::uint32_t bandwidth_hz,
                           std::uint8_t m,
                           std::uint8_t m_repeater) {
    return DataRate{LoraModulation{bandwidth_hz, sf}, m, m_repeater};
}
constexpr DataRateRow fsk(std::uint32_t bit_rate, std::uint8_t m, std::uint8_t m_repeater) {
    return DataRate{FskModulation{bit_rate}, m, m_repeater};
}
// `code_rate` over 6; LR-FHSS is sent by devices only.
constexpr DataRateRow lr_fhss(std::uint32_t width_hz,
                              std::uint8_t code_rate,
                              std::uint8_t m,
                              std::uint8_t m_repeater) {
    return DataRate{LrFhssModulation{width_hz, code_rate}, m, m_repeater};
}

constexpr std::uint8_t kNone = kNoDataRate;

constexpr bool defined(std::span<const DataRateRow> rows, unsigned index) {
    return index < rows.size() && rows[index].has_value();
}

// Every reference from one table into another exists.
constexpr bool is_consistent(const Region& r) {
    if (r.uplink_data_rates.size() > kMaxDataRates || r.downlink_data_rates.size() > kMaxDataRates)
        return false;
    if (r.rx1_rows.size() > r.uplink_data_rates.size()) return false;
    for (unsigned dr = 0; dr < r.uplink_data_rates.size(); ++dr) {
        if (!defined(r.uplink_data_rates, dr)) continue;
        if (dr >= r.rx1_rows.size()) return false;  // an uplink that cannot be answered
        for (unsigned offset = 0; offset < kMaxRx1DrOffsets; ++offset) {
            const std::uint8_t answer = r.rx1_rows[dr].data_rate[offset];
            if ((offset <= r.max_rx1_dr_offset) != defined(r.downlink_data_rates, answer))
                return false;
        }
    }
    for (const Channel& c : r.channels) {
        if (c.frequency_hz < r.min_frequency_hz || c.frequency_hz > r.max_frequency_hz)
            return false;
        if (c.frequency_hz % r.frequency_step_hz != 0) return false;
        if (!defined(r.uplink_data_rates, c.min_data_rate) ||
            !defined(r.uplink_data_rates, c.max_data_rate) || c.min_data_rate > c.max_data_rate)
            return false;
    }
    for (const std::uint32_t hz : r.usual_extra_channels_hz) {
        if (!r.channels_can_be_added || hz < r.min_frequency_hz || hz > r.max_frequency_hz ||
            hz % r.frequency_step_hz != 0)
            return false;
    }
    for (const JoinChannels& j : r.join_channels) {
        if (j.first_channel + j.channel_count > static_cast<int>(r.channels.size())) return false;
    }
    for (const SubBand& s : r.sub_bands) {
        if (s.first_channel + 8u > r.channels.size() || s.wide_channel >= r.channels.size())
            return false;
    }
    std::uint32_t last_hz = r.min_frequency_hz;
    for (const DutyBand& b : r.duty_bands) {  // in order and apart
        if (b.min_hz < last_hz || b.max_hz <= b.min_hz || b.duty_cycle_per_mille == 0) return false;
        last_hz = b.max_hz;
    }
    return r.channels.size() <= r.max_channels && r.max_channels <= kMaxChannels &&
           defined(r.downlink_data_rates, r.rx2_data_rate) &&
           defined(r.uplink_data_rates, r.max_adr_data_rate) && !r.tx_power_offset_db.empty() &&
           r.tx_power_offset_db.size() <= 15 && r.tx_power_offset_db[0] == 0;
}

}  // namespace helio::lns::internal

namespace helio::lns {

extern const Region kEu868;
extern const Region kUs915;

}  // namespace helio::lns
