#include "lns/policy.h"

#include "lns/network_server.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <stdexcept>

namespace helio::lns {
namespace {

std::uint64_t digest_of(std::string_view text) {
    std::uint64_t h = 0xcbf2'9ce4'8422'2325u;  // FNV-1a
    for (const char c : text) h = (h ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01b3u;
    return h | 1;
}

std::uint64_t digest_of(const mac::NetworkSettings& s) {
    std::string text;
    for (const Channel& c : s.extra_channels) {
        text += fmt::format("{} {} {},", c.frequency_hz, c.min_data_rate, c.max_data_rate);
    }
    text += fmt::format("{} {} {} {} {} {}",
                        s.sub_bands,
                        s.rx2_data_rate.value_or(255),
                        s.rx2_frequency_hz.value_or(0),
                        s.rx1_dr_offset,
                        s.rx_delay_1_s,
                        s.max_duty_cycle);
    return digest_of(text) << 1;  // the policy's keeps the lowest bit
}

mac::NetworkSettings settings_of(const Region& region,
                                 const RegionConfig& config,
                                 std::uint32_t rx_delay_1_s) {
    mac::NetworkSettings settings = mac::default_settings(region);
    if (config.extra_frequencies_hz) {
        settings.extra_channels.clear();
        for (const std::uint32_t hz : *config.extra_frequencies_hz) {
            settings.extra_channels.push_back(
                {hz, region.cflist_min_data_rate, region.cflist_max_data_rate});
        }
    }
    if (!config.sub_bands.empty()) settings.sub_bands = 0;
    for (const std::uint8_t band : config.sub_bands) {
        settings.sub_bands = static_cast<std::uint8_t>(settings.sub_bands | 1u << (band - 1));
    }
    if (config.rx2_data_rate) {
        settings.rx2_data_rate = static_cast<std::uint8_t>(*config.rx2_data_rate);
    }
    settings.rx2_frequency_hz = config.rx2_frequency_hz;
    settings.rx_delay_1_s = static_cast<std::uint8_t>(rx_delay_1_s);
    return settings;
}

std::uint8_t narrowed(std::uint32_t value) {
    return static_cast<std::uint8_t>(std::min<std::uint32_t>(value, 255));
}

// The device's profile speaks of the device, the service profile of the service: both limits hold.
adr::Limits limits_of(const proto::AdrSettings& device, const proto::ServiceProfile& service) {
    adr::Limits out;
    const auto raise = [](std::uint8_t& low, std::uint32_t to) {
        low = std::max(low, narrowed(to));
    };
    const auto lower = [](std::uint8_t& high, std::uint32_t to) {
        high = std::min(high, narrowed(to));
    };
    if (device.has_min_data_rate()) raise(out.min_data_rate, device.min_data_rate());
    if (service.has_min_data_rate()) raise(out.min_data_rate, service.min_data_rate());
    if (device.has_max_data_rate()) lower(out.max_data_rate, device.max_data_rate());
    if (service.has_max_data_rate()) lower(out.max_data_rate, service.max_data_rate());
    if (device.has_min_tx_power_index()) raise(out.min_tx_power_index, device.min_tx_power_index());
    if (service.has_tx_power_index_min())
        raise(out.min_tx_power_index, service.tx_power_index_min());
    if (device.has_max_tx_power_index()) lower(out.max_tx_power_index, device.max_tx_power_index());
    if (service.has_tx_power_index_max())
        lower(out.max_tx_power_index, service.tx_power_index_max());
    if (device.has_min_nb_trans()) raise(out.min_nb_trans, device.min_nb_trans());
    if (service.has_nb_trans_min()) raise(out.min_nb_trans, service.nb_trans_min());
    if (device.has_max_nb_trans()) out.max_nb_trans = narrowed(device.max_nb_trans());
    if (service.has_nb_trans_max()) lower(out.max_nb_trans, service.nb_trans_max());
    return out;
}

Policy make_policy(proto::DeviceProfile device, const proto::ServiceProfile& service) {
    Policy policy;
    policy.adr_enabled = !device.adr().disabled();
    if (device.adr().has_margin_db()) policy.adr_margin_db = device.adr().margin_db();
    policy.adr_limits = limits_of(device.adr(), service);
    policy.status_requests_per_day = service.device_status_requests_per_day();
    device.clear_codec();  // large, and nobody here looks at it
    policy.digest = digest_of(device.SerializeAsString());
    policy.device_profile = std::move(device);
    return policy;
}

Uuid uuid_of(ByteView bytes) {
    Uuid uuid;
    if (bytes.size() == uuid.bytes.size()) std::ranges::copy(bytes, uuid.bytes.begin());
    return uuid;
}

}  // namespace

ConfiguredRegions::ConfiguredRegions(const std::vector<RegionConfig>& config,
                                     std::uint32_t rx_delay_1_s) {
    for (const RegionConfig& one : config) {
        const Region* region = find_region(one.name);
        if (region == nullptr) {
            throw std::runtime_error("lns.regions: \"" + one.name + "\" is not a known region");
        }
        for (const std::uint8_t band : one.sub_bands) {
            if (band == 0 || band > 8) {
                throw std::runtime_error("lns: sub-bands of " + one.name + " are 1 to 8");
            }
        }
        const auto settings = settings_of(*region, one, rx_delay_1_s);
        regions_.push_back({region, settings, digest_of(settings)});
    }
}

const ConfiguredRegion* ConfiguredRegions::find(std::string_view name) const {
    const auto at = std::ranges::find_if(regions_, [&](auto& r) { return r.region->name == name; });
    return at == regions_.end() ? nullptr : &*at;
}

const ConfiguredRegion* ConfiguredRegions::find(std::uint32_t frequency_hz) const {
    const auto at =
        std::ranges::find_if(regions_, [&](auto& r) { return r.region->contains(frequency_hz); });
    return at == regions_.end() ? nullptr : &*at;
}

std::size_t Policies::Hash::operator()(const Key& key) const {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::memcpy(&a, key.device_profile.bytes.data() + 8, 8);
    std::memcpy(&b, key.service_profile.bytes.data() + 8, 8);
    return (a ^ b * 31) * 0x9e37'79b9'7f4a'7c15u;
}

const Policy& Policies::of(ByteView device_profile_id, ByteView service_profile_id) {
    if (generation_ != registry_.profile_generation() || kept_.size() >= kMaxKept) {
        kept_.clear();
        generation_ = registry_.profile_generation();
    }
    const Key key{uuid_of(device_profile_id), uuid_of(service_profile_id)};
    auto& policy = kept_[key];
    if (!policy) {
        policy = std::make_unique<Policy>(make_policy(
            registry_.device_profile(key.device_profile.to_text()).value_or(proto::DeviceProfile()),
            registry_.service_profile(key.service_profile.to_text())
                .value_or(proto::ServiceProfile())));
    }
    return *policy;
}

}  // namespace helio::lns
