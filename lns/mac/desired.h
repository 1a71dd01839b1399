// What we want a device to use: its region, its profile, the network's settings and ADR together;
// and what it uses after a join or from its maker.
#pragma once

#include "lns/frame/join_accept.h"
#include "lns/mac/parameters.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace helio::lns::proto {
class DeviceProfile;
}

namespace helio::lns::mac {

// A network owner's choices in one region.
struct NetworkSettings {
    std::vector<Channel> extra_channels;  // beside the defaults of a free plan, in index order
    std::uint8_t sub_bands = 0;           // of a fixed plan: bit i is sub-band i + 1; 0: all
    std::optional<std::uint8_t> rx2_data_rate;
    std::optional<std::uint32_t> rx2_frequency_hz;
    std::uint8_t rx1_dr_offset = 0;
    std::uint8_t rx_delay_1_s = 1;
    std::uint8_t max_duty_cycle = 0;  // exponent, as in Parameters
};

// EU868's usual eight channels; others have what their region defines.
NetworkSettings default_settings(const Region& region);

// What ADR, or nobody, chose.
struct LinkSettings {
    std::uint8_t data_rate;
    std::uint8_t tx_power_index;
    std::uint8_t nb_trans;
};

// `link` absent: data rate, power and repetitions stay as they are (the device's ADR bit is clear).
Parameters desired_parameters(const Region& region,
                              const NetworkSettings& settings,
                              const proto::DeviceProfile& profile,
                              const Parameters& current,
                              const std::optional<LinkSettings>& link);

// Of a device that is personalised: what its maker set, as the profile says.
Parameters personalised_parameters(const Region& region, const proto::DeviceProfile& profile);

// The settings that a join-accept carries to the device; its addresses and nonces are the caller's.
struct JoinSettings {
    std::uint8_t rx1_dr_offset = 0;
    std::uint8_t rx2_data_rate = 0;
    std::uint8_t rx_delay_s = 1;
    std::optional<CFList> cflist;
};
JoinSettings join_settings(const Region& region,
                           const NetworkSettings& settings,
                           const proto::DeviceProfile& profile);

// What the device uses once it has read that join-accept; it joined at `uplink_data_rate`.
Parameters parameters_after_join(const Region& region,
                                 const JoinSettings& settings,
                                 std::uint8_t uplink_data_rate);

}  // namespace helio::lns::mac
