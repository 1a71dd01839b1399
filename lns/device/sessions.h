// The rows of a device's sessions: Session, FrameState and the index from DevEUI to them.
//
// A device has at most two: the one in use, and one that a join made and that becomes the one in
// use with its first uplink.  Until then the old one stays valid, so that a lost join-accept costs
// nothing.
#pragma once

#include "base/store/store.h"
#include "lns/device/frame_state.h"
#include "lns/device/keys.h"
#include "lns/proto/device.pb.h"
#include "lns/proto/session.pb.h"

namespace helio::lns {

struct DeviceAddresses {
    std::optional<DevAddr> active;
    std::optional<DevAddr> joining;
};

template <class Source>
DeviceAddresses addresses_of(const Source& source, Eui64 dev_eui);

std::optional<proto::Session> find_session(const store::Store& store, DevAddr addr, Eui64 dev_eui);
// The session in use; absent for a device that has not spoken yet.
std::optional<proto::Session> active_session(const store::Store& store, Eui64 dev_eui);
std::optional<FrameState> find_frame_state(const store::Store& store, DevAddr addr, Eui64 dev_eui);

void put_session(store::Transaction& tx, const proto::Session& session);
void put_frame_state(store::Transaction& tx, DevAddr addr, Eui64 dev_eui, const FrameState& state);

// Makes `session` the only one of its device.
void start_session(store::Transaction& tx, const proto::Session& session, const FrameState& state);
// Puts `session` beside the one in use, in place of an earlier join's that was never used.
void start_joining_session(store::Transaction& tx, proto::Session session, const FrameState& state);
// The joining session at `addr` has been heard: it becomes the one in use, the old one goes.  The
// caller stores the session itself.
void activate_joining_session(store::Transaction& tx, Eui64 dev_eui, DevAddr addr);
void erase_sessions(store::Transaction& tx, Eui64 dev_eui);

// How an ABP device starts: keys, address and counter of its record, parameters of its profile.
proto::Session abp_session(const proto::WirelessDevice& device,
                           const proto::DeviceProfile& profile);

// Takes over what a session copies of its device's record and profile.
void copy_settings(const proto::WirelessDevice& device, proto::Session& session);

// The downlink queue of the device has something in it, as its sessions remember it.
void set_queue_waiting(store::Transaction& tx, Eui64 dev_eui, bool waiting);

}  // namespace helio::lns
