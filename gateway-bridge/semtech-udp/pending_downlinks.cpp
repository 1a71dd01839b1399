#include "gateway-bridge/semtech-udp/pending_downlinks.h"

#include <algorithm>

namespace helio::gateway_bridge::semtech_udp {

Token PendingDownlinks::add(std::uint64_t downlink_id, Instant now) {
    if (entries_.size() == kCapacity) {
        entries_.erase(entries_.begin());
        ++given_up_;
    }
    const Token token = next_++;
    entries_.push_back({token, {.downlink_id = downlink_id, .at = now}});
    return token;
}

std::optional<PendingDownlinks::Sent> PendingDownlinks::take(Token token) {
    const auto found = std::ranges::find(entries_, token, &Entry::token);
    if (found == entries_.end()) return std::nullopt;
    const Sent sent = found->sent;
    entries_.erase(found);
    return sent;
}

void PendingDownlinks::give_up_before(Instant instant) {
    given_up_ += std::erase_if(entries_, [&](const Entry& e) { return e.sent.at < instant; });
}

}  // namespace helio::gateway_bridge::semtech_udp
