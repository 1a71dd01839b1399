// Paces what waited for a client that comes back: AWS IoT Core sends so many stored messages a
// second ([aws] strict).
//
// A session is known here from its return until its stored messages are sent or it leaves.
#pragma once

#include "base/time.h"
#include "bridge/mqtt/topic/topic_tree.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <optional>
#include <vector>

namespace helio::bridge::mqtt {

class StrictReplays {
  public:
    explicit StrictReplays(std::uint32_t per_second) : per_second_(per_second) {}

    // Messages of the queue up to `last_order` are stored ones.
    void begin(SubscriberId session, std::uint64_t last_order) {
        replays_[session] = {.last_order = last_order};
    }
    void end(SubscriberId session) { replays_.erase(session); }

    // Whether the queue's next message may go out now; counts it where it may.
    bool take(SubscriberId session, std::uint64_t order, Instant now);

    // The sessions that were held up and may go on, each told once.
    std::vector<SubscriberId> due(Instant now);
    std::optional<Instant> next() const;

  private:
    struct Replay {
        std::uint64_t last_order;
        Instant since{};
        std::uint32_t sent = 0;  // since then
        bool held_up = false;
    };

    const std::uint32_t per_second_;
    boost::unordered_flat_map<SubscriberId, Replay> replays_;
};

}  // namespace helio::bridge::mqtt
