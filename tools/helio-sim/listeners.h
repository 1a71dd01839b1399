// Which devices listen when and where.
#pragma once

#include "tools/helio-sim/concentrator.h"
#include "tools/helio-sim/device.h"

#include <map>
#include <vector>

namespace helio::sim {

class Listeners {
  public:
    // A window opens at its time to 20 microseconds (TS001 §3.3.1).
    static constexpr Duration kTolerance = std::chrono::microseconds(20);

    struct Listener {
        std::uint32_t device;
        std::uint64_t transmission;  // of the device: the one that the window belongs to
        std::uint8_t window;         // 0: RX1, 1: RX2
    };

    void open(const Listener& listener, Instant at, const Window& window);

    // Those who hear a transmission from this time on with these parameters.
    std::vector<Listener> hearing(const TxRequest& request, Instant from) const;

    void forget_before(Instant at) { open_.erase(open_.begin(), open_.lower_bound(at)); }

  private:
    struct Entry {
        Listener listener;
        std::uint32_t frequency_hz;
        lns::Modulation modulation;
    };
    std::multimap<Instant, Entry> open_;
};

}  // namespace helio::sim
