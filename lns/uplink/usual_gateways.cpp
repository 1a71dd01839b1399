#include "lns/uplink/usual_gateways.h"

#include <algorithm>
#include <bit>

namespace helio::lns {

UsualGateways::UsualGateways(std::size_t rows)
    : rows_(std::bit_ceil(std::max<std::size_t>(rows, 1))), mask_(rows_.size() - 1) {}

std::uint16_t UsualGateways::tag_of(Eui64 gateway) {
    return static_cast<std::uint16_t>(gateway.value() * 0x9e37'79b9'7f4a'7c15u >> 48);
}

UsualGateways::Row& UsualGateways::row_of(std::uint64_t device) {
    Row& row = rows_[device & mask_];
    const auto name = static_cast<std::uint32_t>(device >> 32);
    if (row.device != name) row = {.device = name};
    return row;
}

bool UsualGateways::all_reported(std::uint64_t device,
                                 const std::vector<std::uint16_t>& reported) const {
    const Row& row = rows_[device & mask_];
    if (row.device != static_cast<std::uint32_t>(device >> 32)) return false;
    if (row.frames < kFramesToKnow || row.crowded > 0 || row.count == 0) return false;
    for (std::size_t i = 0; i < row.count; ++i) {
        if (std::ranges::find(reported, row.gateways[i]) == reported.end()) return false;
    }
    return true;
}

void UsualGateways::add(Row& row, std::uint16_t gateway) {
    const auto end = row.gateways.begin() + row.count;
    if (std::find(row.gateways.begin(), end, gateway) != end) return;
    if (row.count == kGateways) {
        row.crowded = 16;
        return;
    }
    row.gateways[row.count] = gateway;
    row.misses[row.count++] = 0;
}

void UsualGateways::learn(std::uint64_t device, const std::vector<std::uint16_t>& reported) {
    Row& row = row_of(device);
    if (row.frames < 255) ++row.frames;
    if (row.crowded > 0) --row.crowded;
    for (std::size_t i = 0; i < row.count;) {
        const bool heard = std::ranges::find(reported, row.gateways[i]) != reported.end();
        row.misses[i] = heard ? 0 : static_cast<std::uint8_t>(row.misses[i] + 1);
        if (row.misses[i] < kMissesToForget) {
            ++i;
            continue;
        }
        --row.count;
        row.gateways[i] = row.gateways[row.count];
        row.misses[i] = row.misses[row.count];
    }
    for (const std::uint16_t gateway : reported) add(row, gateway);
}

void UsualGateways::learn_late(std::uint64_t device, std::uint16_t gateway) {
    add(row_of(device), gateway);
}

}  // namespace helio::lns
