// Which gateways usually hear a device: when all of them have reported, a frame need not wait for
// the rest of its window.
//
// A hash table, 32 bytes a row, that grows with the devices up to a bound; beyond it devices push
// each other out and then wait.  Gateways are remembered by 16 bits of a hash: at worst a frame is
// handled one copy early.
#pragma once

#include "base/eui64.h"

#include <array>
#include <cstdint>
#include <vector>

namespace helio::lns {

class UsualGateways {
  public:
    explicit UsualGateways(std::size_t max_devices);

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

    // Nobody is looked for further than this from home.
    static constexpr std::size_t kReach = 16;

    struct Row {
        std::uint32_t device = 0;
        std::array<std::uint16_t, kGateways> gateways{};
        std::array<std::uint8_t, kGateways> misses{};
        std::uint8_t count = 0;
        std::uint8_t frames = 0;   // handled since the row is this device's; 0: nobody's
        std::uint8_t crowded = 0;  // frames for which there still may be more than fit
    };
    static_assert(sizeof(Row) == 32);

    const Row* find(std::uint32_t device) const;
    Row& row_of(std::uint32_t device);
    void grow();
    static std::uint32_t name_of(std::uint64_t device);
    static void add(Row& row, std::uint16_t gateway);

    std::vector<Row> rows_;  // a power of two of them
    std::size_t used_ = 0;
    std::size_t max_rows_;
};

}  // namespace helio::lns
