#include "gateway-bridge/semtech-udp/unknown_gateways.h"

#include <algorithm>

namespace helio::gateway_bridge::semtech_udp {
namespace {

void count(UnknownGateway& seen, const io::Peer& from, Instant now) {
    seen.address = from;
    seen.last_seen = now;
    ++seen.packets;
}

}  // namespace

bool UnknownGateways::count_if_known_unknown(Eui64 gateway, const io::Peer& from, Instant now) {
    const auto found = seen_.find(gateway);
    if (found == seen_.end() || now - found->second.looked_up >= kAnswerStands) return false;
    count(found->second.seen, from, now);
    return true;
}

void UnknownGateways::add(Eui64 gateway, const io::Peer& from, Instant now) {
    if (seen_.size() >= kCapacity && !seen_.contains(gateway)) {
        seen_.erase(std::ranges::min_element(
            seen_, {}, [](const auto& entry) { return entry.second.seen.last_seen; }));
    }
    const auto [entry, added] = seen_.try_emplace(gateway);
    if (added) entry->second.seen = {.gateway = gateway, .first_seen = now};
    entry->second.looked_up = now;
    count(entry->second.seen, from, now);
}

std::vector<UnknownGateway> UnknownGateways::list() const {
    std::vector<UnknownGateway> out;
    out.reserve(seen_.size());
    for (const auto& [eui, entry] : seen_) out.push_back(entry.seen);
    std::ranges::sort(out, std::ranges::greater{}, &UnknownGateway::last_seen);
    return out;
}

}  // namespace helio::gateway_bridge::semtech_udp
