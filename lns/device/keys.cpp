#include "lns/device/keys.h"

#include "base/big_endian.h"

#include <cassert>

namespace helio::lns {
namespace {

Eui64 eui_at(ByteView key, std::size_t offset) {
    assert(key.size() >= offset + 8);
    return Eui64::from_value(load_big_endian<std::uint64_t>(key.data() + offset));
}

}  // namespace

EuiKey key_of(Eui64 eui) {
    EuiKey key;
    store_big_endian(key.data(), slot_of(eui));
    store_big_endian(key.data() + 2, eui.value());
    return key;
}

Eui64 eui_of(ByteView eui_key) { return eui_at(eui_key, 2); }

AddressKey key_of(DevAddr dev_addr) {
    AddressKey key;
    store_big_endian(key.data(), slot_of(dev_addr));
    store_big_endian(key.data() + 2, dev_addr.value());
    return key;
}

SessionKey session_key(DevAddr dev_addr, Eui64 dev_eui) {
    SessionKey key;
    store_big_endian(key.data(), slot_of(dev_addr));
    store_big_endian(key.data() + 2, dev_addr.value());
    store_big_endian(key.data() + 6, dev_eui.value());
    return key;
}

Eui64 dev_eui_of_session(ByteView session_key) { return eui_at(session_key, 6); }

QueueKey queue_key(Eui64 dev_eui, std::uint64_t order) {
    QueueKey key;
    store_big_endian(key.data(), slot_of(dev_eui));
    store_big_endian(key.data() + 2, dev_eui.value());
    store_big_endian(key.data() + 10, order);
    return key;
}

std::uint64_t order_of(ByteView queue_key) { return eui_at(queue_key, 10).value(); }

}  // namespace helio::lns
