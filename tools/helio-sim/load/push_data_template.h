// A PUSH_DATA with one rxpk of which only a few characters change from frame to frame, at known
// places: writing one costs a copy.
#pragma once

#include "base/bytes.h"
#include "base/eui64.h"

#include <string>

namespace helio::sim {

class PushDataTemplate {
  public:
    // For frames of exactly `phy_size` bytes.
    explicit PushDataTemplate(std::size_t phy_size);

    std::size_t size() const { return text_.size(); }

    struct Values {
        std::uint16_t token;
        Eui64 gateway;
        std::uint32_t counter_us;
        std::uint32_t frequency_hz;  // 868.1, 868.3 or 868.5 MHz
        ByteView phy;
    };
    // `out` has size() bytes.
    void write(const Values& values, std::span<std::uint8_t> out) const;

  private:
    std::string text_;
    std::size_t phy_size_;
    std::size_t counter_at_;
    std::size_t frequency_at_;
    std::size_t data_at_;
};

}  // namespace helio::sim
