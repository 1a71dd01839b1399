#include "bridge/mqtt/session/strict_replays.h"

#include <algorithm>
#include <chrono>

namespace helio::bridge::mqtt {
namespace {

constexpr std::chrono::seconds kSecond{1};

}  // namespace

bool StrictReplays::take(SubscriberId session, std::uint64_t order, Instant now) {
    const auto it = replays_.find(session);
    if (it == replays_.end()) return true;
    Replay& replay = it->second;
    if (order > replay.last_order) {
        replays_.erase(it);
        return true;
    }
    if (now - replay.since >= kSecond) {
        replay.since = now;
        replay.sent = 0;
    }
    replay.held_up = replay.sent == per_second_;
    if (!replay.held_up) ++replay.sent;
    return !replay.held_up;
}

std::vector<SubscriberId> StrictReplays::due(Instant now) {
    std::vector<SubscriberId> out;
    for (auto& [session, replay] : replays_) {
        if (!replay.held_up || now - replay.since < kSecond) continue;
        replay.held_up = false;
        out.push_back(session);
    }
    return out;
}

std::optional<Instant> StrictReplays::next() const {
    std::optional<Instant> out;
    for (const auto& [session, replay] : replays_) {
        if (replay.held_up) out = std::min(out.value_or(Instant::max()), replay.since + kSecond);
    }
    return out;
}

}  // namespace helio::bridge::mqtt
