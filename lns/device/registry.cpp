#include "lns/device/registry.h"

#include "lns/device/keys.h"
#include "lns/device/rows.h"
#include "lns/device/sessions.h"
#include "lns/device/tables.h"
#include "lns/device/use_counts.h"
#include "lns/device/uuid.h"

#include <algorithm>

namespace helio::lns {
namespace {

constexpr store::Slot kGlobal = 0;
constexpr std::size_t kMaxNameSize = 128;

template <class M>
struct GlobalKind;  // of things with a name or UUID for a key, which devices refer to

template <>
struct GlobalKind<proto::DeviceProfile> {
    static constexpr const store::TableSpec& table = kDeviceProfiles;
    static constexpr Use use = Use::device_profile;
    static std::string_view id(const proto::DeviceProfile& m) { return m.id(); }
};
template <>
struct GlobalKind<proto::ServiceProfile> {
    static constexpr const store::TableSpec& table = kServiceProfiles;
    static constexpr Use use = Use::service_profile;
    static std::string_view id(const proto::ServiceProfile& m) { return m.id(); }
};
template <>
struct GlobalKind<proto::Destination> {
    static constexpr const store::TableSpec& table = kDestinations;
    static constexpr Use use = Use::destination;
    static std::string_view id(const proto::Destination& m) { return m.name(); }
};

// Absent where the text cannot name such a thing.
template <class M>
std::optional<Bytes> global_key(std::string_view id) {
    if constexpr (std::is_same_v<M, proto::Destination>) {
        if (id.empty() || id.size() > kMaxNameSize) return std::nullopt;
        return Bytes(id.begin(), id.end());
    } else {
        const auto uuid = Uuid::from_text(id);
        if (!uuid) return std::nullopt;
        return Bytes(uuid->bytes.begin(), uuid->bytes.end());
    }
}

template <class M>
constexpr RegistryError kBadId =
    std::is_same_v<M, proto::Destination> ? RegistryError::bad_name : RegistryError::bad_id;

enum class Put : std::uint8_t { create, update };

template <class M>
Result<store::Position, RegistryError> put_global(store::Store& store, const M& message, Put put) {
    using Kind = GlobalKind<M>;
    const auto key = global_key<M>(Kind::id(message));
    if (!key) return fail(kBadId<M>);
    const bool exists = store.get(Kind::table, *key).has_value();
    if (put == Put::create && exists) return fail(RegistryError::already_exists);
    if (put == Put::update && !exists) return fail(RegistryError::not_found);
    auto tx = store.begin(kGlobal);
    put_row(tx, Kind::table, *key, message);
    return tx.commit();
}

template <class M>
Result<store::Position, RegistryError> erase_global(store::Store& store, std::string_view id) {
    using Kind = GlobalKind<M>;
    const auto key = global_key<M>(id);
    if (!key || !store.get(Kind::table, *key)) return fail(RegistryError::not_found);
    if (use_count(store, Kind::use, *key) > 0) return fail(RegistryError::in_use);
    auto tx = store.begin(kGlobal);
    tx.erase(Kind::table, *key);
    return tx.commit();
}

template <class M>
std::optional<M> get_global(const store::Store& store, std::string_view id) {
    const auto key = global_key<M>(id);
    if (!key) return std::nullopt;
    return get_row<M>(store, GlobalKind<M>::table, *key);
}

// The smallest key that is greater than `key`.
Bytes after_key(ByteView key) {
    Bytes next(key.begin(), key.end());
    next.push_back(0);
    return next;
}

template <class M>
void visit_rows(const store::Store& store,
                const store::TableSpec& table,
                ByteView from,
                Registry::Visit<M> visit) {
    store.scan(table, {}, from, [&](ByteView, ByteView value) {
        const auto message = parse_row<M>(value);
        return !message || visit(*message);
    });
}

template <class M>
void visit_global(const store::Store& store, std::string_view after, Registry::Visit<M> visit) {
    const auto key = global_key<M>(after);
    visit_rows<M>(store, GlobalKind<M>::table, key ? after_key(*key) : Bytes{}, visit);
}

Bytes from_after(std::optional<Eui64> after) { return after ? after_key(key_of(*after)) : Bytes{}; }

bool is_key(const std::string& bytes) { return bytes.size() == 16; }

// What is wrong with the record itself, or with what it refers to.
std::optional<RegistryError> check(const store::Store& store, const proto::WirelessDevice& device) {
    using enum RegistryError;
    const auto profile = get_global<proto::DeviceProfile>(store, device.device_profile_id());
    if (!profile) return unknown_device_profile;
    if (!device.service_profile_id().empty() &&
        !get_global<proto::ServiceProfile>(store, device.service_profile_id())) {
        return unknown_service_profile;
    }
    if (!device.destination().empty() &&
        !get_global<proto::Destination>(store, device.destination())) {
        return unknown_destination;
    }
    if (device.has_otaa()) {
        if (!profile->supports_join()) return activation_not_supported;
        const bool keys = is_key(device.otaa().app_key()) || is_key(device.otaa().nwk_key());
        return keys ? std::nullopt : std::optional(bad_key);
    }
    if (device.has_abp()) {
        const bool keys = is_key(device.abp().nwk_s_key()) && is_key(device.abp().app_s_key());
        return keys ? std::nullopt : std::optional(bad_key);
    }
    return activation_missing;
}

void count_uses(store::Transaction& tx, const proto::WirelessDevice& device, int step) {
    if (const auto key = global_key<proto::DeviceProfile>(device.device_profile_id())) {
        add_use(tx, Use::device_profile, *key, step);
    }
    if (const auto key = global_key<proto::ServiceProfile>(device.service_profile_id())) {
        add_use(tx, Use::service_profile, *key, step);
    }
    if (const auto key = global_key<proto::Destination>(device.destination())) {
        add_use(tx, Use::destination, *key, step);
    }
}

void start_abp(store::Transaction& tx,
               const proto::WirelessDevice& device,
               const proto::DeviceProfile& profile) {
    FrameState state;
    state.fcnt_up_next = device.abp().fcnt_start();
    start_session(tx, abp_session(device, profile), state);
}

bool same_abp_keys(const proto::WirelessDevice& a, const proto::WirelessDevice& b) {
    return a.abp().dev_addr() == b.abp().dev_addr() && a.abp().nwk_s_key() == b.abp().nwk_s_key() &&
           a.abp().app_s_key() == b.abp().app_s_key();
}

// The sessions copy a few settings of the record, so that uplinks do not read it.
void update_sessions(store::Store& store,
                     store::Transaction& tx,
                     const proto::WirelessDevice& before,
                     const proto::WirelessDevice& device) {
    const Eui64 dev_eui = Eui64::from_value(device.dev_eui());
    if (device.has_abp() && !(before.has_abp() && same_abp_keys(before, device))) {
        start_abp(tx, device, *get_global<proto::DeviceProfile>(store, device.device_profile_id()));
        return;
    }
    if (before.has_abp() && !device.has_abp()) return erase_sessions(tx, dev_eui);
    const DeviceAddresses addresses = addresses_of(tx, dev_eui);
    for (const auto& addr : {addresses.active, addresses.joining}) {
        auto session = addr ? find_session(store, *addr, dev_eui) : std::nullopt;
        if (!session) continue;
        copy_settings(device, *session);
        put_session(tx, *session);
    }
}

}  // namespace

std::string_view describe(RegistryError error) {
    switch (error) {
        using enum RegistryError;
        case not_found:
            return "there is no such thing";
        case already_exists:
            return "the name or id exists already";
        case dev_eui_taken:
            return "another wireless device has this DevEUI";
        case gateway_eui_taken:
            return "another wireless gateway has this EUI";
        case in_use:
            return "wireless devices still refer to it";
        case bad_id:
            return "the id is no UUID";
        case bad_name:
            return "a name has 1 to 128 characters";
        case bad_key:
            return "a key has 16 bytes (32 hexadecimal digits)";
        case activation_missing:
            return "the device needs OTAA or ABP keys";
        case activation_not_supported:
            return "the device profile says SupportsJoin = false";
        case unknown_device_profile:
            return "the device profile does not exist";
        case unknown_service_profile:
            return "the service profile does not exist";
        case unknown_destination:
            return "the destination does not exist";
        case eui_immutable:
            return "an EUI cannot change: delete it and create it anew";
    }
    return "";
}

Result<store::Position, RegistryError> Registry::create(const proto::WirelessDevice& device) {
    const Eui64 dev_eui = Eui64::from_value(device.dev_eui());
    const auto id = Uuid::from_text(device.id());
    if (!id) return fail(RegistryError::bad_id);
    if (store_.get(kDeviceIds, id->bytes)) return fail(RegistryError::already_exists);
    if (store_.get(kDevices, key_of(dev_eui))) return fail(RegistryError::dev_eui_taken);
    if (const auto error = check(store_, device)) return fail(*error);

    auto tx = store_.begin(slot_of(dev_eui));
    put_row(tx, kDevices, key_of(dev_eui), device);
    tx.put(kDeviceIds, id->bytes, dev_eui.big_endian());
    count_uses(tx, device, +1);
    add_use(tx, Use::all_devices, {}, +1);
    if (device.has_abp()) {
        start_abp(tx, device, *device_profile(device.device_profile_id()));
    }
    return tx.commit();
}

Result<store::Position, RegistryError> Registry::update(const proto::WirelessDevice& device) {
    ++device_generation_;
    const auto before = this->device(std::string_view(device.id()));
    if (!before) return fail(RegistryError::not_found);
    if (before->dev_eui() != device.dev_eui()) return fail(RegistryError::eui_immutable);
    if (const auto error = check(store_, device)) return fail(*error);

    const Eui64 dev_eui = Eui64::from_value(device.dev_eui());
    auto tx = store_.begin(slot_of(dev_eui));
    put_row(tx, kDevices, key_of(dev_eui), device);
    count_uses(tx, *before, -1);
    count_uses(tx, device, +1);
    update_sessions(store_, tx, *before, device);
    return tx.commit();
}

Result<store::Position, RegistryError> Registry::erase_device(std::string_view id) {
    ++device_generation_;
    const auto device = this->device(id);
    if (!device) return fail(RegistryError::not_found);
    const Eui64 dev_eui = Eui64::from_value(device->dev_eui());
    auto tx = store_.begin(slot_of(dev_eui));
    erase_sessions(tx, dev_eui);
    tx.erase(kDevices, key_of(dev_eui));
    tx.erase(kDeviceIds, Uuid::from_text(id)->bytes);
    tx.erase(kJoinRecords, key_of(dev_eui));
    std::vector<QueueKey> queued;
    store_.scan(kQueue, key_of(dev_eui), {}, [&](ByteView key, ByteView) {
        queued.push_back(queue_key(dev_eui, order_of(key)));
        return true;
    });
    for (const QueueKey& key : queued) tx.erase(kQueue, key);
    count_uses(tx, *device, -1);
    add_use(tx, Use::all_devices, {}, -1);
    return tx.commit();
}

std::optional<proto::WirelessDevice> Registry::device(Eui64 dev_eui) const {
    return get_row<proto::WirelessDevice>(store_, kDevices, key_of(dev_eui));
}
std::optional<Eui64> Registry::dev_eui_of(std::string_view id) const {
    const auto uuid = Uuid::from_text(id);
    const auto row = uuid ? store_.get(kDeviceIds, uuid->bytes) : std::nullopt;
    if (!row || row->size() != 8) return std::nullopt;
    return Eui64::from_big_endian(row->first<8>());
}
std::optional<proto::WirelessDevice> Registry::device(std::string_view id) const {
    const auto dev_eui = dev_eui_of(id);
    return dev_eui ? device(*dev_eui) : std::nullopt;
}
void Registry::devices(std::optional<Eui64> after, Visit<proto::WirelessDevice> visit) const {
    visit_rows<proto::WirelessDevice>(store_, kDevices, from_after(after), visit);
}
std::uint64_t Registry::device_count() const { return use_count(store_, Use::all_devices, {}); }

Result<store::Position, RegistryError> Registry::create(const proto::WirelessGateway& gateway) {
    const Eui64 eui = Eui64::from_value(gateway.gateway_eui());
    const auto id = Uuid::from_text(gateway.id());
    if (!id) return fail(RegistryError::bad_id);
    if (store_.get(kGatewayIds, id->bytes)) return fail(RegistryError::already_exists);
    if (is_gateway(eui)) return fail(RegistryError::gateway_eui_taken);
    auto tx = store_.begin(slot_of(eui));
    put_row(tx, kGateways, key_of(eui), gateway);
    tx.put(kGatewayIds, id->bytes, eui.big_endian());
    add_use(tx, Use::all_gateways, {}, +1);
    ++gateway_generation_;
    return tx.commit();
}

Result<store::Position, RegistryError> Registry::update(const proto::WirelessGateway& gateway) {
    const auto before = this->gateway(std::string_view(gateway.id()));
    if (!before) return fail(RegistryError::not_found);
    if (before->gateway_eui() != gateway.gateway_eui()) return fail(RegistryError::eui_immutable);
    const Eui64 eui = Eui64::from_value(gateway.gateway_eui());
    auto tx = store_.begin(slot_of(eui));
    put_row(tx, kGateways, key_of(eui), gateway);
    ++gateway_generation_;
    return tx.commit();
}

Result<store::Position, RegistryError> Registry::erase_gateway(std::string_view id) {
    const auto gateway = this->gateway(id);
    if (!gateway) return fail(RegistryError::not_found);
    const Eui64 eui = Eui64::from_value(gateway->gateway_eui());
    auto tx = store_.begin(slot_of(eui));
    tx.erase(kGateways, key_of(eui));
    tx.erase(kGatewayIds, Uuid::from_text(id)->bytes);
    add_use(tx, Use::all_gateways, {}, -1);
    ++gateway_generation_;
    return tx.commit();
}

std::optional<proto::WirelessGateway> Registry::gateway(Eui64 eui) const {
    return get_row<proto::WirelessGateway>(store_, kGateways, key_of(eui));
}
std::optional<proto::WirelessGateway> Registry::gateway(std::string_view id) const {
    const auto uuid = Uuid::from_text(id);
    const auto row = uuid ? store_.get(kGatewayIds, uuid->bytes) : std::nullopt;
    if (!row || row->size() != 8) return std::nullopt;
    return gateway(Eui64::from_big_endian(row->first<8>()));
}
void Registry::gateways(std::optional<Eui64> after, Visit<proto::WirelessGateway> visit) const {
    visit_rows<proto::WirelessGateway>(store_, kGateways, from_after(after), visit);
}
std::uint64_t Registry::gateway_count() const { return use_count(store_, Use::all_gateways, {}); }
bool Registry::is_gateway(Eui64 eui) const {
    return store_.get(kGateways, key_of(eui)).has_value();
}

Result<store::Position, RegistryError> Registry::create(const proto::DeviceProfile& profile) {
    ++profile_generation_;
    return put_global(store_, profile, Put::create);
}
Result<store::Position, RegistryError> Registry::update(const proto::DeviceProfile& profile) {
    ++profile_generation_;
    return put_global(store_, profile, Put::update);
}
Result<store::Position, RegistryError> Registry::erase_device_profile(std::string_view id) {
    ++profile_generation_;
    return erase_global<proto::DeviceProfile>(store_, id);
}
std::optional<proto::DeviceProfile> Registry::device_profile(std::string_view id) const {
    return get_global<proto::DeviceProfile>(store_, id);
}
void Registry::device_profiles(std::string_view after, Visit<proto::DeviceProfile> visit) const {
    visit_global<proto::DeviceProfile>(store_, after, visit);
}

Result<store::Position, RegistryError> Registry::create(const proto::ServiceProfile& profile) {
    ++profile_generation_;
    return put_global(store_, profile, Put::create);
}
Result<store::Position, RegistryError> Registry::update(const proto::ServiceProfile& profile) {
    ++profile_generation_;
    return put_global(store_, profile, Put::update);
}
Result<store::Position, RegistryError> Registry::erase_service_profile(std::string_view id) {
    ++profile_generation_;
    return erase_global<proto::ServiceProfile>(store_, id);
}
std::optional<proto::ServiceProfile> Registry::service_profile(std::string_view id) const {
    return get_global<proto::ServiceProfile>(store_, id);
}
void Registry::service_profiles(std::string_view after, Visit<proto::ServiceProfile> visit) const {
    visit_global<proto::ServiceProfile>(store_, after, visit);
}

Result<store::Position, RegistryError> Registry::create(const proto::Destination& destination) {
    ++device_generation_;
    return put_global(store_, destination, Put::create);
}
Result<store::Position, RegistryError> Registry::update(const proto::Destination& destination) {
    ++device_generation_;
    return put_global(store_, destination, Put::update);
}
Result<store::Position, RegistryError> Registry::erase_destination(std::string_view name) {
    ++device_generation_;
    return erase_global<proto::Destination>(store_, name);
}
std::optional<proto::Destination> Registry::destination(std::string_view name) const {
    return get_global<proto::Destination>(store_, name);
}
void Registry::destinations(std::string_view after, Visit<proto::Destination> visit) const {
    visit_global<proto::Destination>(store_, after, visit);
}

}  // namespace helio::lns
