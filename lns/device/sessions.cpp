#include "lns/device/sessions.h"

#include "lns/device/rows.h"
#include "lns/device/tables.h"
#include "lns/device/uuid.h"

#include <algorithm>

namespace helio::lns {
namespace {

void put_addresses(store::Transaction& tx, Eui64 dev_eui, const DeviceAddresses& addresses) {
    if (!addresses.active && !addresses.joining) {
        tx.erase(kDeviceSessions, key_of(dev_eui));
        return;
    }
    proto::DeviceSessions row;
    if (addresses.active) row.set_active_dev_addr(addresses.active->value());
    if (addresses.joining) row.set_joining_dev_addr(addresses.joining->value());
    put_row(tx, kDeviceSessions, key_of(dev_eui), row);
}

void erase_session(store::Transaction& tx, DevAddr addr, Eui64 dev_eui) {
    const SessionKey key = session_key(addr, dev_eui);
    tx.erase(kSessions, key);
    tx.erase(kFrameStates, key);
}

std::string uuid_bytes(std::string_view text) {
    const auto uuid = Uuid::from_text(text);
    return uuid ? std::string(text_of(uuid->bytes)) : std::string();
}

}  // namespace

template <class Source>
DeviceAddresses addresses_of(const Source& source, Eui64 dev_eui) {
    DeviceAddresses out;
    const auto row = get_row<proto::DeviceSessions>(source, kDeviceSessions, key_of(dev_eui));
    if (!row) return out;
    if (row->has_active_dev_addr()) out.active = DevAddr::from_value(row->active_dev_addr());
    if (row->has_joining_dev_addr()) out.joining = DevAddr::from_value(row->joining_dev_addr());
    return out;
}
template DeviceAddresses addresses_of(const store::Store&, Eui64);
template DeviceAddresses addresses_of(const store::Transaction&, Eui64);

std::optional<proto::Session> find_session(const store::Store& store, DevAddr addr, Eui64 dev_eui) {
    return get_row<proto::Session>(store, kSessions, session_key(addr, dev_eui));
}

std::optional<proto::Session> active_session(const store::Store& store, Eui64 dev_eui) {
    const DeviceAddresses addresses = addresses_of(store, dev_eui);
    if (!addresses.active) return std::nullopt;
    return find_session(store, *addresses.active, dev_eui);
}

std::optional<FrameState> find_frame_state(const store::Store& store, DevAddr addr, Eui64 dev_eui) {
    const auto row = store.get(kFrameStates, session_key(addr, dev_eui));
    return row ? parse_frame_state(*row) : std::nullopt;
}

void put_session(store::Transaction& tx, const proto::Session& session) {
    put_row(
        tx,
        kSessions,
        session_key(DevAddr::from_value(session.dev_addr()), Eui64::from_value(session.dev_eui())),
        session);
}

void put_frame_state(store::Transaction& tx, DevAddr addr, Eui64 dev_eui, const FrameState& state) {
    std::array<std::uint8_t, FrameState::kMaxBytes> bytes;
    const std::size_t size = encode_frame_state(state, bytes);
    tx.put(kFrameStates, session_key(addr, dev_eui), ByteView(bytes).first(size));
}

void start_session(store::Transaction& tx, const proto::Session& session, const FrameState& state) {
    const Eui64 dev_eui = Eui64::from_value(session.dev_eui());
    const DevAddr addr = DevAddr::from_value(session.dev_addr());
    erase_sessions(tx, dev_eui);
    put_session(tx, session);
    put_frame_state(tx, addr, dev_eui, state);
    put_addresses(tx, dev_eui, {.active = addr});
}

void start_joining_session(store::Transaction& tx,
                           proto::Session session,
                           const FrameState& state) {
    const Eui64 dev_eui = Eui64::from_value(session.dev_eui());
    const DevAddr addr = DevAddr::from_value(session.dev_addr());
    DeviceAddresses addresses = addresses_of(tx, dev_eui);
    if (addresses.joining) erase_session(tx, *addresses.joining, dev_eui);
    addresses.joining = addr;
    session.set_awaiting_first_uplink(true);
    put_session(tx, session);
    put_frame_state(tx, addr, dev_eui, state);
    put_addresses(tx, dev_eui, addresses);
}

void activate_joining_session(store::Transaction& tx, Eui64 dev_eui, DevAddr addr) {
    const DeviceAddresses addresses = addresses_of(tx, dev_eui);
    if (addresses.active && *addresses.active != addr)
        erase_session(tx, *addresses.active, dev_eui);
    put_addresses(tx, dev_eui, {.active = addr});
}

void erase_sessions(store::Transaction& tx, Eui64 dev_eui) {
    const DeviceAddresses addresses = addresses_of(tx, dev_eui);
    if (addresses.active) erase_session(tx, *addresses.active, dev_eui);
    if (addresses.joining) erase_session(tx, *addresses.joining, dev_eui);
    put_addresses(tx, dev_eui, {});
}

proto::Session abp_session(const proto::WirelessDevice& device,
                           const proto::DeviceProfile& profile) {
    proto::Session session;
    session.set_dev_eui(device.dev_eui());
    session.set_dev_addr(device.abp().dev_addr());
    session.set_nwk_s_key(device.abp().nwk_s_key());
    session.set_app_s_key(device.abp().app_s_key());
    session.set_region(profile.region());
    session.set_mac_version(profile.mac_version());
    session.set_supports_32bit_fcnt(profile.supports_32bit_fcnt());
    session.set_abp(true);
    session.set_started_at_us(device.created_at_us());
    copy_settings(device, session);
    return session;
}

void copy_settings(const proto::WirelessDevice& device, proto::Session& session) {
    session.set_device_profile_id(uuid_bytes(device.device_profile_id()));
    session.set_service_profile_id(uuid_bytes(device.service_profile_id()));
    session.set_disabled(device.disabled());
    session.set_allow_fcnt_reset(device.abp().allow_fcnt_reset());
}

void set_queue_waiting(store::Transaction& tx, Eui64 dev_eui, bool waiting) {
    const DeviceAddresses addresses = addresses_of(tx, dev_eui);
    for (const auto& addr : {addresses.active, addresses.joining}) {
        if (!addr) continue;
        const auto row = tx.get(kFrameStates, session_key(*addr, dev_eui));
        auto state = row ? parse_frame_state(*row) : std::nullopt;
        if (!state || state->queue_waiting == waiting) continue;
        state->queue_waiting = waiting;
        put_frame_state(tx, *addr, dev_eui, *state);
    }
}

}  // namespace helio::lns
