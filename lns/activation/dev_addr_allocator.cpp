#include "lns/activation/dev_addr_allocator.h"

#include "base/big_endian.h"
#include "lns/device/tables.h"

namespace helio::lns {
namespace {

constexpr int kTries = 16;

bool is_free(const store::Store& store, DevAddr addr) {
    bool free = true;
    store.scan(kFrameStates, key_of(addr), {}, [&](ByteView, ByteView) { return free = false; });
    return free;
}

}  // namespace

std::uint16_t lower_half_for(store::Slot slot, std::uint16_t upper) {
    // Undoes the sixteen steps that the register takes after the last byte went in.
    std::uint32_t state = slot;
    for (int i = 0; i < 16; ++i) {
        state = (state & 1) != 0 ? (state ^ 0x1021) >> 1 | 0x8000 : state >> 1;
    }
    std::array<std::uint8_t, 2> bytes;
    store_big_endian(bytes.data(), upper);
    return static_cast<std::uint16_t>(state ^ store::slot_of(bytes));
}

DevAddr DevAddrAllocator::draw(store::Slot slot) const {
    std::array<std::uint8_t, 4> bytes;
    random_(bytes);
    const NetId::Block block = net_id_.dev_addr_block();
    const std::uint32_t free_bits = 32 - block.prefix_bits;
    const std::uint32_t low =
        load_big_endian<std::uint32_t>(bytes.data()) & ((1u << free_bits) - 1);
    const std::uint32_t address = block.first.value() | low;
    if (free_bits < 16) return DevAddr::from_value(address);
    const auto upper = static_cast<std::uint16_t>(address >> 16);
    return DevAddr::from_value(std::uint32_t{upper} << 16 | lower_half_for(slot, upper));
}

DevAddr DevAddrAllocator::allocate(const store::Store& store,
                                   Eui64 dev_eui,
                                   const DeviceAddresses& taken) const {
    DevAddr last;
    for (int i = 0; i < kTries;) {
        const DevAddr addr = draw(slot_of(dev_eui));
        if (addr == taken.active || addr == taken.joining) continue;
        last = addr;
        if (is_free(store, addr)) break;
        ++i;
    }
    return last;
}

}  // namespace helio::lns
