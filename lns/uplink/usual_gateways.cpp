#include "lns/uplink/usual_gateways.h"

#include <algorithm>
#include <bit>

namespace helio::lns {

namespace {

constexpr std::size_t kFirstRows = 1024;

}  // namespace

// Twice as many rows as devices: hardly anybody is pushed out of reach.
UsualGateways::UsualGateways(std::size_t max_devices)
    : max_rows_(std::bit_ceil(std::max<std::size_t>(2 * max_devices, kReach))) {
    rows_.resize(std::min(kFirstRows, max_rows_));
}

std::uint16_t UsualGateways::tag_of(Eui64 gateway) {
    return static_cast<std::uint16_t>(gateway.value() * 0x9e37'79b9'7f4a'7c15u >> 48);
}

std::uint32_t UsualGateways::name_of(std::uint64_t device) {
    return static_cast<std::uint32_t>(device >> 32);
}

const UsualGateways::Row* UsualGateways::find(std::uint32_t device) const {
    for (std::size_t i = 0; i < kReach; ++i) {
        const Row& row = rows_[(device + i) & (rows_.size() - 1)];
        if (row.frames == 0) return nullptr;
        if (row.device == device) return &row;
    }
    return nullptr;
}

UsualGateways::Row& UsualGateways::row_of(std::uint32_t device) {
    if (2 * used_ >= rows_.size() && rows_.size() < max_rows_) grow();
    for (std::size_t i = 0; i < kReach; ++i) {
        Row& row = rows_[(device + i) & (rows_.size() - 1)];
        if (row.frames != 0 && row.device == device) return row;
        if (row.frames == 0) {
            ++used_;
            row.device = device;
            row.frames = 1;
            return row;
        }
    }
    // All are somebody's: one of them, by the device's own bits, begins anew.
    Row& row = rows_[(device + (device >> 28)) & (rows_.size() - 1)];
    row = {.device = device, .frames = 1};
    return row;
}

void UsualGateways::grow() {
    std::vector<Row> old(2 * rows_.size());
    old.swap(rows_);
    used_ = 0;
    for (const Row& row : old) {
        if (row.frames != 0) row_of(row.device) = row;
    }
}

bool UsualGateways::all_reported(std::uint64_t device,
                                 const std::vector<std::uint16_t>& reported) const {
    const Row* const found = find(name_of(device));
    if (found == nullptr) return false;
    const Row& row = *found;
    if (row.frames <= kFramesToKnow || row.crowded > 0 || row.count == 0) return false;
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
    Row& row = row_of(name_of(device));
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
    add(row_of(name_of(device)), gateway);
}

}  // namespace helio::lns
