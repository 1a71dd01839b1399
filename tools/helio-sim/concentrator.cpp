#include "tools/helio-sim/concentrator.h"

#include "lns/region/airtime.h"

#include <algorithm>

namespace helio::sim {

std::uint32_t Concentrator::counter_at(Instant at) const {
    return static_cast<std::uint32_t>(to_unix_us(at)) + offset_us_;
}

Instant Concentrator::time_of(std::uint32_t counter_us, Instant now) const {
    const auto ahead = static_cast<std::int32_t>(counter_us - counter_at(now));
    return now + Duration(ahead);
}

Result<Concentrator::Transmission, std::string_view> Concentrator::accept(const TxRequest& request,
                                                                          Instant now) {
    Instant from = now + kLead;
    if (const auto* const at = std::get_if<lns::SendAtCounter>(&request.timing)) {
        from = time_of(at->counter_us, now);
    } else if (const auto* const gps = std::get_if<lns::SendAtGpsTime>(&request.timing)) {
        from = to_utc(gps->at);
    }
    if (from < now + kLead) return fail(std::string_view("TOO_LATE"));
    if (from > now + kMostAhead) return fail(std::string_view("TOO_EARLY"));

    std::erase_if(queue_, [&](const Transmission& t) { return t.to < now; });
    const Transmission wanted{from,
                              from + lns::airtime(request.modulation, request.phy.size(), false)};
    const bool overlaps = std::ranges::any_of(
        queue_, [&](const Transmission& t) { return wanted.from < t.to && t.from < wanted.to; });
    if (overlaps || queue_.size() == kQueue) return fail(std::string_view("COLLISION_PACKET"));
    queue_.push_back(wanted);
    return wanted;
}

}  // namespace helio::sim
