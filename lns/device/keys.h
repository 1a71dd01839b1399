// The keys of the network server's tables, as bytes.
//
//   device-owned    | slot(DevEUI) 2 | DevEUI 8 |            ( | order 8 | for the queue)
//   session-owned   | slot(DevAddr) 2 | DevAddr 4 | DevEUI 8 |
//   gateway-owned   | slot(EUI) 2 | EUI 8 |
//
// All numbers are big-endian, so that the order of keys is the order of numbers.
#pragma once

#include "base/eui64.h"
#include "base/store/table.h"
#include "lns/frame/dev_addr.h"

#include <array>
#include <cstdint>

namespace helio::lns {

using EuiKey = std::array<std::uint8_t, 10>;
using SessionKey = std::array<std::uint8_t, 14>;
using AddressKey = std::array<std::uint8_t, 6>;
using QueueKey = std::array<std::uint8_t, 18>;

inline store::Slot slot_of(Eui64 eui) { return store::slot_of(eui.big_endian()); }
inline store::Slot slot_of(DevAddr dev_addr) { return store::slot_of(dev_addr.big_endian()); }

EuiKey key_of(Eui64 eui);
Eui64 eui_of(ByteView eui_key);  // of a key that key_of(eui) or queue_key made

// The prefix of all sessions at an address, and one session's key.
AddressKey key_of(DevAddr dev_addr);
SessionKey session_key(DevAddr dev_addr, Eui64 dev_eui);
Eui64 dev_eui_of_session(ByteView session_key);

QueueKey queue_key(Eui64 dev_eui, std::uint64_t order);
std::uint64_t order_of(ByteView queue_key);

}  // namespace helio::lns
