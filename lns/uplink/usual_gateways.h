// Which gateways usually hear a device: when all of them have reported, a frame need not wait for
// the rest of its window.
//
// A table of fixed size, 32 bytes a row; two devices that meet in a row only make each other wait.
// Gateways are remembered by 16 bits of a hash: at worst a frame is handled one copy early.
#pragma once

#include "base/eui64.h"

#include <array>
#include <cstdint>
#include <vector>

namespace helio::lns {

class UsualGateways {
  public:
    // `rows` is rounded up to a power of two.
    explicit UsualGateways(std::size_t rows);

    static std::uint16_t tag_of(Eui64 gateway);

    // True where the device is known well enough and no usual gateway is missing in `reported`.
    bool all_reported(std::uint64_t device, const std::vector<std::uint16_t>& reported) const;
    // A frame was handled; these gateways had heard it.
    void learn(std::uint64_t device, const std::vector<std::uint16_t>& reported);
    // A copy came after its frame had been handled.
    void learn_late(std::uint64_t device, std::uint16_t gateway);

  private:
    static constexpr std::size_t kGateways = 8;
    static constexpr std::uint8_t kFramesToKnow = 3;
    static constexpr std::uint8_t kMissesToForget = 4;

    struct Row {
        std::uint32_t device = 0;
        std::array<std::uint16_t, kGateways> gateways{};
        std::array<std::uint8_t, kGateways> misses{};
        std::uint8_t count = 0;
        std::uint8_t frames = 0;   // handled since the row is this device's
        std::uint8_t crowded = 0;  // frames for which there still may be more than fit
    };
    static_assert(sizeof(Row) == 32);

    Row& row_of(std::uint64_t device);
    static void add(Row& row, std::uint16_t gateway);

    std::vector<Row> rows_;
    std::uint64_t mask_;
};

}  // namespace helio::lns
