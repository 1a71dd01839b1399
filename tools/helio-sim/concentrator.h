// A gateway's radio: a free-running counter that wraps every 2^32 microseconds, and a queue of what
// is to be transmitted when.  Its rules are those of the reference forwarder's just-in-time queue.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "tools/helio-sim/forwarder.h"

#include <vector>

namespace helio::sim {

class Concentrator {
  public:
    // An order has to come this long before its time, and no longer before it than that.
    static constexpr Duration kLead = std::chrono::microseconds(31'500);
    static constexpr Duration kMostAhead = std::chrono::seconds(512);
    static constexpr std::size_t kQueue = 32;

    // `offset_us`: what the counter shows at the epoch of time.
    explicit Concentrator(std::uint32_t offset_us) : offset_us_(offset_us) {}

    std::uint32_t counter_at(Instant at) const;
    // When the counter shows this: the time nearest to `now`.
    Instant time_of(std::uint32_t counter_us, Instant now) const;

    struct Transmission {
        Instant from;
        Instant to;
    };
    // Queues the order, or refuses it with the word for the TX_ACK.
    Result<Transmission, std::string_view> accept(const TxRequest& request, Instant now);

  private:
    std::uint32_t offset_us_;
    std::vector<Transmission> queue_;
};

}  // namespace helio::sim
