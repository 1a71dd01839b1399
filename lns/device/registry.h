// What a network owner has registered: wireless devices, gateways, profiles and destinations.
//
// Every change is a transaction of its own, checked first (names are unique, what is referred to
// exists, what is in use stays); it answers the position that must be durable before the change is
// told to anybody.  Nothing is cached: reads go to the store.
#pragma once

#include "base/eui64.h"
#include "base/function_ref.h"
#include "base/result.h"
#include "base/store/store.h"
#include "lns/proto/device.pb.h"

#include <optional>
#include <string_view>

namespace helio::lns {

enum class RegistryError : std::uint8_t {
    not_found,
    already_exists,  // the id, or a destination's name
    dev_eui_taken,
    gateway_eui_taken,
    in_use,                    // a profile or destination that devices refer to
    bad_id,                    // no UUID
    bad_name,                  // a destination's name: 1..128 characters
    bad_key,                   // a key that has not 16 bytes
    activation_missing,        // neither OTAA nor ABP
    activation_not_supported,  // OTAA although the profile says that the device cannot join
    unknown_device_profile,
    unknown_service_profile,
    unknown_destination,
    eui_immutable,  // a DevEUI or gateway EUI cannot change: delete and create
};
std::string_view describe(RegistryError error);

class Registry {
  public:
    using Position = store::Position;
    template <class M>
    using Visit = FunctionRef<bool(const M&)>;  // answers whether to go on

    explicit Registry(store::Store& store) : store_(store) {}

    // An ABP device's session begins here, with the counters of the record.  An update keeps the
    // sessions, except where the keys or the address of an ABP device change; erasing takes them,
    // the queue and the nonces along.
    Result<Position, RegistryError> create(const proto::WirelessDevice& device);
    Result<Position, RegistryError> update(const proto::WirelessDevice& device);
    Result<Position, RegistryError> erase_device(std::string_view id);
    std::optional<proto::WirelessDevice> device(Eui64 dev_eui) const;
    std::optional<proto::WirelessDevice> device(std::string_view id) const;
    std::optional<Eui64> dev_eui_of(std::string_view id) const;
    // In the order of their keys, after `after` (a page's last element).
    void devices(std::optional<Eui64> after, Visit<proto::WirelessDevice> visit) const;
    std::uint64_t device_count() const;

    Result<Position, RegistryError> create(const proto::WirelessGateway& gateway);
    Result<Position, RegistryError> update(const proto::WirelessGateway& gateway);
    Result<Position, RegistryError> erase_gateway(std::string_view id);
    std::optional<proto::WirelessGateway> gateway(Eui64 eui) const;
    std::optional<proto::WirelessGateway> gateway(std::string_view id) const;
    void gateways(std::optional<Eui64> after, Visit<proto::WirelessGateway> visit) const;
    std::uint64_t gateway_count() const;
    bool is_gateway(Eui64 eui) const;

    Result<Position, RegistryError> create(const proto::DeviceProfile& profile);
    Result<Position, RegistryError> update(const proto::DeviceProfile& profile);
    Result<Position, RegistryError> erase_device_profile(std::string_view id);
    std::optional<proto::DeviceProfile> device_profile(std::string_view id) const;
    void device_profiles(std::string_view after, Visit<proto::DeviceProfile> visit) const;

    Result<Position, RegistryError> create(const proto::ServiceProfile& profile);
    Result<Position, RegistryError> update(const proto::ServiceProfile& profile);
    Result<Position, RegistryError> erase_service_profile(std::string_view id);
    std::optional<proto::ServiceProfile> service_profile(std::string_view id) const;
    void service_profiles(std::string_view after, Visit<proto::ServiceProfile> visit) const;

    Result<Position, RegistryError> create(const proto::Destination& destination);
    Result<Position, RegistryError> update(const proto::Destination& destination);
    Result<Position, RegistryError> erase_destination(std::string_view name);
    std::optional<proto::Destination> destination(std::string_view name) const;
    void destinations(std::string_view after, Visit<proto::Destination> visit) const;

    // Move on with every change of a kind, for those who keep something computed from it.
    std::uint64_t gateway_generation() const { return gateway_generation_; }
    std::uint64_t profile_generation() const { return profile_generation_; }
    // Devices that were there before, and destinations; a new device does not move it on.
    std::uint64_t device_generation() const { return device_generation_; }

    store::Store& store() const { return store_; }

  private:
    store::Store& store_;
    std::uint64_t gateway_generation_ = 1;
    std::uint64_t profile_generation_ = 1;
    std::uint64_t device_generation_ = 1;
};

}  // namespace helio::lns
