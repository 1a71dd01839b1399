// Picks the DevAddr of a new session: in the network's block, free where one is found soon, and
// with the slot of the device's DevEUI, so that joins and sessions of a device share a partition.
//
// The slot is CRC-16/XMODEM, which is linear: for any upper half of an address there is exactly one
// lower half that gives a wanted slot.  Networks whose block has less than 16 free bits (NetID
// types 4 to 7) cannot have that; their addresses fall on any slot.
#pragma once

#include "base/eui64.h"
#include "base/store/store.h"
#include "crypto/random.h"
#include "lns/device/sessions.h"
#include "lns/frame/net_id.h"

namespace helio::lns {

class DevAddrAllocator {
  public:
    DevAddrAllocator(NetId net_id, crypto::Random random)
        : net_id_(net_id), random_(std::move(random)) {}

    // Never one that the device itself has now.  Addresses are shared when the block is crowded:
    // the MIC tells the devices apart.
    DevAddr allocate(const store::Store& store, Eui64 dev_eui, const DeviceAddresses& taken) const;

  private:
    DevAddr draw(store::Slot slot) const;

    NetId net_id_;
    crypto::Random random_;
};

// The lower half that makes `upper`·`lower` fall on `slot`.
std::uint16_t lower_half_for(store::Slot slot, std::uint16_t upper);

}  // namespace helio::lns
