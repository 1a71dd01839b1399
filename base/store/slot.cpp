#include "base/store/table.h"

namespace helio::store {
namespace {

constexpr std::array<std::uint16_t, 256> make_crc_table() {
    std::array<std::uint16_t, 256> table{};
    for (unsigned byte = 0; byte < 256; ++byte) {
        unsigned crc = byte << 8;
        for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
        table[byte] = static_cast<std::uint16_t>(crc);
    }
    return table;
}
constexpr auto kCrcTable = make_crc_table();

}  // namespace

Slot slot_of(ByteView x) {
    unsigned crc = 0;
    for (const std::uint8_t byte : x) {
        crc = (crc << 8 ^ kCrcTable[(crc >> 8 ^ byte) & 0xff]) & 0xffff;
    }
    return static_cast<Slot>(crc);
}

}  // namespace helio::store
