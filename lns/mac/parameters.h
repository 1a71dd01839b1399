// One side's idea of how a device's MAC layer is set: what it is known to use, or what we want.
//
// The flat form of proto::MacParameters, which is what a session stores: compared and copied
// without allocation for every frame.
#pragma once

#include "lns/region/region.h"

#include <array>
#include <cstdint>
#include <optional>

namespace helio::lns::proto {
class MacParameters;
}

namespace helio::lns::mac {

// A channel of a free plan.  On the region's own channels only `downlink_hz` can differ.
struct DeviceChannel {
    std::uint32_t uplink_hz = 0;    // 0: not defined
    std::uint32_t downlink_hz = 0;  // 0: RX1 is where the region's rule puts it
    std::uint8_t min_data_rate = 0;
    std::uint8_t max_data_rate = 0;
    friend bool operator==(const DeviceChannel&, const DeviceChannel&) = default;
};

inline constexpr std::size_t kFreeChannels = 16;

struct Parameters {
    std::uint8_t data_rate = 0;
    std::uint8_t tx_power_index = 0;
    std::uint8_t nb_trans = 1;
    std::uint8_t rx_delay_1_s = 1;
    std::uint8_t rx1_dr_offset = 0;
    std::uint8_t rx2_data_rate = 0;
    std::uint32_t rx2_frequency_hz = 0;
    std::uint8_t max_duty_cycle = 0;  // the sum of a device's transmissions is below 1 / 2^this
    bool uplink_dwell_time = false;
    bool downlink_dwell_time = false;
    std::uint8_t max_eirp_dbm = 0;
    std::array<DeviceChannel, kFreeChannels> channels{};  // of a free plan, by index
    ChannelSet enabled;
    friend bool operator==(const Parameters&, const Parameters&) = default;
};

Parameters from_proto(const proto::MacParameters& stored);
void to_proto(const Parameters& parameters, proto::MacParameters& stored);

// What a device starts with that has been told nothing: the region's defaults.
Parameters region_defaults(const Region& region);

// Which channels the device has, on or off.
ChannelSet defined_channels(const Region& region, const Parameters& parameters);

// The channel that an uplink came on; absent where the device has none there.  Needed for RX1.
std::optional<std::uint8_t> find_channel(const Region& region,
                                         const Parameters& parameters,
                                         std::uint32_t uplink_hz);

// Whether some channel that is on carries this uplink data rate.
bool data_rate_is_usable(const Region& region, const Parameters& parameters, unsigned data_rate);

// The frequency of RX1 after an uplink: the device's own channel settings, then the region's rule.
// Absent where that rule counts channels and the uplink was on none.
std::optional<std::uint32_t> rx1_frequency_hz(const Region& region,
                                              const Parameters& parameters,
                                              std::uint32_t uplink_hz);

}  // namespace helio::lns::mac
