#include "lns/activation/join.h"

#include "crypto/lorawan_keys.h"
#include "lns/device/tables.h"
#include "lns/frame/join_accept.h"
#include "lns/frame/mic.h"

namespace helio::lns {
namespace {

std::optional<crypto::Key128> root_key(const proto::WirelessDevice& device,
                                       const proto::DeviceProfile& profile) {
    // A 1.1 device in a 1.0 network signs and derives with its NwkKey (TS001-1.1 §6.1.1.3).
    const bool v1_1 = profile.mac_version() >= proto::MAC_1_1_0 && !device.otaa().nwk_key().empty();
    return crypto::Key128::from_bytes(
        helio::bytes_of(v1_1 ? device.otaa().nwk_key() : device.otaa().app_key()));
}

JoinRecord read_record(const store::Store& store, Eui64 dev_eui, bool& corrupt) {
    const auto row = store.get(kJoinRecords, key_of(dev_eui));
    auto record = row ? parse_join_record(*row) : JoinRecord();
    corrupt = !record;
    return record ? std::move(*record) : JoinRecord();
}

std::string text(const crypto::Key128& key) { return std::string(text_of(key.bytes)); }

proto::Session make_session(const JoinInput& input,
                            const proto::WirelessDevice& device,
                            const proto::DeviceProfile& profile,
                            const crypto::SessionKeys& keys,
                            const mac::JoinSettings& settings,
                            DevAddr dev_addr) {
    proto::Session session;
    session.set_dev_eui(device.dev_eui());
    session.set_dev_addr(dev_addr.value());
    session.set_nwk_s_key(text(keys.f_nwk_s_int_key));
    session.set_app_s_key(text(keys.app_s_key));
    session.set_region(std::string(input.region.name));
    session.set_mac_version(std::min(profile.mac_version(), proto::MAC_1_0_4));
    // From 1.0.4 on there are no 16-bit counters any more.
    session.set_supports_32bit_fcnt(profile.supports_32bit_fcnt() ||
                                    profile.mac_version() >= proto::MAC_1_0_4);
    session.set_started_at_us(to_unix_us(input.now));
    session.set_sub_bands(input.settings.sub_bands);
    mac::to_proto(mac::parameters_after_join(input.region, settings, input.data_rate),
                  *session.mutable_current());
    copy_settings(device, session);
    return session;
}

}  // namespace

std::string_view describe(JoinError error) {
    switch (error) {
        case JoinError::unknown_device:
            return "the device is not registered";
        case JoinError::not_supported:
            return "the device is disabled or not registered for OTAA";
        case JoinError::wrong_join_eui:
            return "the JoinEUI is not the registered one";
        case JoinError::wrong_mic:
            return "the MIC does not agree with the registered AppKey";
        case JoinError::nonce_used:
            return "the DevNonce has been used before";
        case JoinError::nonces_exhausted:
            return "all nonces have been used";
        case JoinError::corrupt_record:
            return "the stored record cannot be read";
    }
    return "";
}

Result<JoinPlan, JoinError> plan_join(const JoinInput& input,
                                      const Registry& registry,
                                      NetId net_id,
                                      const DevAddrAllocator& allocator) {
    const JoinRequest& request = input.request;
    const auto device = registry.device(request.dev_eui);
    if (!device) return fail(JoinError::unknown_device);
    if (!device->has_otaa() || device->disabled()) return fail(JoinError::not_supported);
    const auto profile =
        registry.device_profile(device->device_profile_id()).value_or(proto::DeviceProfile());
    const auto key = root_key(*device, profile);
    if (!key) return fail(JoinError::not_supported);
    if (!mics_equal(plain_mic(*key, request.signed_bytes), request.mic)) {
        return fail(JoinError::wrong_mic);
    }
    if (device->otaa().join_eui() != request.join_eui.value()) {
        return fail(JoinError::wrong_join_eui);
    }

    const store::Store& store = registry.store();
    bool corrupt = false;
    JoinPlan plan{.dev_eui = request.dev_eui,
                  .record = read_record(store, request.dev_eui, corrupt)};
    if (corrupt) return fail(JoinError::corrupt_record);
    JoinRecord& record = plan.record;
    const DeviceAddresses addresses = addresses_of(store, request.dev_eui);
    const std::uint16_t nonce = request.dev_nonce.value;

    const NonceRule rule =
        profile.mac_version() >= proto::MAC_1_0_4 ? NonceRule::increasing : NonceRule::unused;
    if (!record.accepts(rule, nonce)) return fail(JoinError::nonce_used);
    if (record.next_join_nonce > JoinNonce::kMax) return fail(JoinError::nonces_exhausted);

    record.take(rule, nonce);
    const auto join_nonce = JoinNonce::from_value(record.next_join_nonce++);
    plan.dev_addr = allocator.allocate(store, request.dev_eui, addresses);
    const mac::JoinSettings settings = mac::join_settings(input.region, input.settings, profile);
    JoinAccept accept{.join_nonce = join_nonce,
                      .net_id = net_id,
                      .dev_addr = plan.dev_addr,
                      .rx1_dr_offset = settings.rx1_dr_offset,
                      .rx2_data_rate = settings.rx2_data_rate,
                      .rx_delay_s = settings.rx_delay_s};
    if (settings.cflist) {
        accept.cflist = encode_cflist(*settings.cflist, input.region.frequency_step_hz);
    }
    plan.accept = encode_join_accept(accept, *key);
    const auto keys =
        crypto::derive_session_keys_1_0(*key, join_nonce.value(), net_id.value(), nonce);
    plan.session = make_session(input, *device, profile, keys, settings, plan.dev_addr);
    return plan;
}

void store_join(store::Transaction& tx, const JoinPlan& plan) {
    tx.put(kJoinRecords, key_of(plan.dev_eui), encode_join_record(plan.record));
    FrameState state;
    tx.scan(kQueue, key_of(plan.dev_eui), {}, [&](ByteView, ByteView) {
        state.queue_waiting = true;
        return false;
    });
    start_joining_session(tx, plan.session, state);
}

}  // namespace helio::lns
