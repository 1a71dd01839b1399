#include "lns/gateways.h"

namespace helio::lns {

Gateway* Gateways::find(Eui64 eui) {
    const std::uint64_t generation = registry_.gateway_generation();
    const auto at = known_.find(eui);
    if (at != known_.end() && at->second.generation == generation) return &at->second;

    const auto record = registry_.gateway(eui);
    if (!record) {
        if (at != known_.end()) known_.erase(at);
        return nullptr;
    }
    const ConfiguredRegion* region = regions_.find(record->region());
    Gateway& gateway = known_[eui];
    if (gateway.generation == 0 || gateway.region != region) {
        gateway.schedule = GatewaySchedule(region ? region->region : nullptr);
    }
    gateway.region = region;
    gateway.sub_bands = 0;
    for (const std::uint32_t band : record->sub_bands()) {
        if (band >= 1 && band <= 8) {
            gateway.sub_bands = static_cast<std::uint8_t>(gateway.sub_bands | 1u << (band - 1));
        }
    }
    gateway.generation = generation;
    return &gateway;
}

}  // namespace helio::lns
