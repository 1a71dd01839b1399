#include "bridge/delivery/device_directory.h"

#include "bridge/integration/device_info.h"

namespace helio::bridge::delivery {

const DeviceEntry* DeviceDirectory::find(Eui64 dev_eui) {
    const std::uint64_t generation = registry_.profile_generation() + registry_.device_generation();
    if (generation_ != generation) {
        generation_ = generation;
        entries_.clear();
        profiles_.clear();
    }
    if (const auto found = entries_.find(dev_eui); found != entries_.end()) return &found->second;
    auto entry = gather(dev_eui);
    if (!entry) return nullptr;
    if (entries_.size() >= kMaxEntries) entries_.erase(entries_.begin());
    return &entries_.emplace(dev_eui, std::move(*entry)).first->second;
}

const DeviceDirectory::Profile& DeviceDirectory::profile(const std::string& id) {
    const auto [found, is_new] = profiles_.try_emplace(id);
    if (is_new) {
        if (const auto stored = registry_.device_profile(id)) {
            found->second.name = stored->name();
            found->second.class_c = stored->supports_class_c();
            if (!stored->codec().empty()) {
                found->second.codec = payload::make_codec(stored->codec());
            }
        }
    }
    return found->second;
}

std::optional<DeviceEntry> DeviceDirectory::gather(Eui64 dev_eui) {
    const auto device = registry_.device(dev_eui);
    if (!device) return std::nullopt;
    DeviceEntry entry;
    entry.wireless_device_id = device->id();
    entry.destination = device->destination();
    if (const auto destination = registry_.destination(device->destination())) {
        entry.expression = destination->expression();
        entry.to_rule = destination->expression_type() == lns::proto::Destination::RULE_NAME;
    }
    if (!device->service_profile_id().empty()) {
        const auto service = registry_.service_profile(device->service_profile_id());
        entry.gateway_metadata = service && service->add_gateway_metadata();
    }
    const Profile& of_profile = profile(device->device_profile_id());
    entry.codec = of_profile.codec;
    entry.variables = {device->variables().begin(), device->variables().end()};
    entry.device_info = integration::render_device_info({
        .application_id = device->destination(),
        .application_name = device->destination(),
        .device_profile_id = device->device_profile_id(),
        .device_profile_name = of_profile.name,
        .device_name = device->name(),
        .dev_eui = dev_eui,
        .device_class = of_profile.class_c ? 'C' : 'A',
        .tags = {device->tags().begin(), device->tags().end()},
    });
    return entry;
}

}  // namespace helio::bridge::delivery
