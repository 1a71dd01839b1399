#include "gateway-bridge/semtech-udp/round_trips.h"

#include <algorithm>
#include <limits>

namespace helio::gateway_bridge::semtech_udp {

void RoundTrips::add(Duration round_trip) {
    constexpr std::int64_t kMost = std::numeric_limits<std::uint32_t>::max();
    us_[added_++ % kKept] =
        static_cast<std::uint32_t>(std::clamp<std::int64_t>(round_trip.count(), 0, kMost));
}

RoundTrips::Summary RoundTrips::summary() const {
    const std::size_t count = std::min(added_, kKept);
    if (count == 0) return {};
    auto sorted = us_;
    std::sort(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count));
    const auto at = [&](std::size_t percent) {
        return Duration(sorted[(count - 1) * percent / 100]);
    };
    return {.samples = count, .p50 = at(50), .p90 = at(90)};
}

}  // namespace helio::gateway_bridge::semtech_udp
