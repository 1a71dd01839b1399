// What a device's MAC layer can be told to change: channels, data rate, power, windows.  Starts as
// the region has it, as RP002 says a device does after a reset or before a join.
#pragma once

#include "base/time.h"
#include "lns/frame/cflist.h"
#include "lns/region/region.h"

#include <optional>
#include <vector>

namespace helio::sim {

struct DeviceChannel {
    std::uint32_t frequency_hz;
    std::uint8_t min_data_rate;
    std::uint8_t max_data_rate;
    std::uint32_t downlink_frequency_hz = 0;  // 0: where the region has RX1
};

struct RadioSettings {
    const lns::Region* region;
    std::vector<std::optional<DeviceChannel>> channels;  // by index
    lns::ChannelSet enabled;
    std::uint8_t data_rate = 0;
    std::uint8_t power_index = 0;
    std::uint8_t nb_trans = 1;
    std::chrono::seconds rx_delay_1 = lns::kReceiveDelay1;
    std::uint8_t rx1_dr_offset = 0;
    std::uint8_t rx2_data_rate;
    std::uint32_t rx2_frequency_hz;
    std::int8_t max_eirp_dbm;

    // `sub_band` 1..8 leaves only its channels on, 0 all; regions without sub-bands know only 0.
    static RadioSettings defaults(const lns::Region& region, unsigned sub_band);

    lns::ChannelSet defined() const;
    // The channels that are on and carry this data rate.
    std::vector<std::uint8_t> usable(unsigned rate) const;
    // Data rates that a device has a channel for, from the slowest.
    std::optional<std::uint8_t> slower(unsigned rate) const;
    std::int8_t eirp_dbm() const;

    // The network's channels, from a join-accept.
    void apply(const lns::CFList& list);
};

// The mask of a LinkADRReq; absent where the device must refuse it.
std::optional<lns::ChannelSet> masked(const RadioSettings& settings,
                                      const lns::ChannelSet& before,
                                      unsigned control,
                                      std::uint16_t mask);

}  // namespace helio::sim
