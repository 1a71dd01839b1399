// ADR for a device as its records stand: what the compact marks of its last uplinks say, under the
// limits of its profiles.
//
// Used for each uplink, and for people who ask why a device sends as it does.
#pragma once

#include "lns/adr/adr.h"
#include "lns/device/frame_state.h"
#include "lns/device/registry.h"
#include "lns/policy.h"

#include <optional>

namespace helio::lns {

using AdrObservations = std::array<adr::Observation, FrameState::kMaxMarks>;

// The marks as the algorithm reads them; borrows `out`.
std::span<const adr::Observation> observations_of(const FrameState& state, AdrObservations& out);

struct AdrNow {
    std::uint8_t data_rate;
    std::uint8_t tx_power_index;
    std::uint8_t nb_trans;
};
adr::Input adr_input(const Region& region,
                     const Policy& policy,
                     const AdrNow& now,
                     std::span<const adr::Observation> history);

// What ADR makes of the device at this moment; absent where it has no session that was heard.
struct DeviceAdr {
    bool asked_for = false;  // the device set the ADR bit of its last uplink
    bool enabled = false;    // by its profile
    adr::Decision decision;
};
std::optional<DeviceAdr> adr_of(const Registry& registry, Eui64 dev_eui);

}  // namespace helio::lns
