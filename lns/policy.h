// What the owner wants for a device, worked out of its profiles and the configuration: computed
// once for each pair of profiles and kept until one of them changes.
#pragma once

#include "lns/adr/adr.h"
#include "lns/device/registry.h"
#include "lns/device/uuid.h"
#include "lns/mac/desired.h"
#include "lns/region/region.h"

#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace helio::lns {

struct RegionConfig;

// A region that is configured, with the network's settings there.
struct ConfiguredRegion {
    const Region* region;
    mac::NetworkSettings settings;
    std::uint64_t digest;  // of the settings
};

class ConfiguredRegions {
  public:
    // Throws std::runtime_error where a name is no region.
    ConfiguredRegions(const std::vector<RegionConfig>& config, std::uint32_t rx_delay_1_s);

    const ConfiguredRegion* find(std::string_view name) const;
    const ConfiguredRegion* find(std::uint32_t frequency_hz) const;

  private:
    std::vector<ConfiguredRegion> regions_;
};

struct Policy {
    proto::DeviceProfile device_profile;
    bool adr_enabled = true;
    float adr_margin_db = 10;
    adr::Limits adr_limits;
    std::uint32_t status_requests_per_day = 0;
    std::uint64_t digest = 0;  // of all that desired parameters depend on, never 0
};

class Policies {
  public:
    explicit Policies(const Registry& registry) : registry_(registry) {}

    // The ids are 16-byte UUIDs, as sessions hold them; an unknown profile counts as an empty one.
    // Valid until a profile changes.
    const Policy& of(ByteView device_profile_id, ByteView service_profile_id);

  private:
    struct Key {
        Uuid device_profile;
        Uuid service_profile;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const;
    };
    static constexpr std::size_t kMaxKept = 4096;

    const Registry& registry_;
    std::uint64_t generation_ = 0;
    std::unordered_map<Key, std::unique_ptr<Policy>, Hash> kept_;
};

}  // namespace helio::lns
