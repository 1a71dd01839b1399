// How long a gateway takes from our PULL_RESP to its TX_ACK: the last few, and what they say.
#pragma once

#include "base/time.h"

#include <array>
#include <cstddef>

namespace helio::gateway_bridge::semtech_udp {

class RoundTrips {
  public:
    static constexpr std::size_t kKept = 32;

    struct Summary {
        std::size_t samples = 0;
        Duration p50{};
        Duration p90{};
        friend bool operator==(const Summary&, const Summary&) = default;
    };

    void add(Duration round_trip);
    Summary summary() const;

  private:
    std::array<std::uint32_t, kKept> us_{};
    std::size_t added_ = 0;
};

}  // namespace helio::gateway_bridge::semtech_udp
