// What the network server keeps of each registered gateway: its region, its sub-bands and its
// schedule.  Read from the registry when first heard and again when a gateway record has changed.
#pragma once

#include "lns/device/registry.h"
#include "lns/downlink/gateway_schedule.h"
#include "lns/policy.h"

#include <unordered_map>

namespace helio::lns {

struct Gateway {
    const ConfiguredRegion* region = nullptr;  // nullptr: by frequency
    std::uint8_t sub_bands = 0;                // bit i is sub-band i + 1; 0: as configured
    GatewaySchedule schedule{nullptr};
    std::uint64_t generation = 0;
};

class Gateways {
  public:
    Gateways(const Registry& registry, const ConfiguredRegions& regions)
        : registry_(registry), regions_(regions) {}

    // nullptr where it is not registered.  Valid until the next call.
    Gateway* find(Eui64 eui);

  private:
    const Registry& registry_;
    const ConfiguredRegions& regions_;
    std::unordered_map<Eui64, Gateway>
        known_;  // registered ones only: the owner bounds their number
};

}  // namespace helio::lns
