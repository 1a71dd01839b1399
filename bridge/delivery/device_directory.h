// What the delivery of a device's events needs to know of the device, its profile and its
// destination, gathered once and kept while nobody edits them.
#pragma once

#include "base/eui64.h"
#include "bridge/payload/codec.h"
#include "lns/device/registry.h"

#include <optional>
#include <string>
#include <unordered_map>

namespace helio::bridge::delivery {

struct DeviceEntry {
    std::string wireless_device_id;
    std::string destination;
    bool to_rule = false;     // the destination's expression names a rule, not a topic
    std::string expression;   // empty: the destination does not exist
    std::string device_info;  // the JSON text of integration::render_device_info
    bool gateway_metadata = false;
    std::optional<payload::Codec> codec;
    payload::Variables variables;
};

class DeviceDirectory {
  public:
    // Active devices whose entries are kept; the rest is gathered when needed.
    static constexpr std::size_t kMaxEntries = 16'384;

    explicit DeviceDirectory(const lns::Registry& registry) : registry_(registry) {}

    // Null for a device that is not registered.  Valid until the next call.
    const DeviceEntry* find(Eui64 dev_eui);

  private:
    struct Profile {
        std::string name;
        bool class_c = false;
        std::optional<payload::Codec> codec;
    };
    std::optional<DeviceEntry> gather(Eui64 dev_eui);
    const Profile& profile(const std::string& id);

    const lns::Registry& registry_;
    std::uint64_t generation_ = 0;
    std::unordered_map<Eui64, DeviceEntry> entries_;
    std::unordered_map<std::string, Profile> profiles_;  // at most as many as are registered
};

}  // namespace helio::bridge::delivery
