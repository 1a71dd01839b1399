// What the steps of the network server share: its parts, and the few things that every step does.
//
// Internal to lns/: everybody else uses NetworkServer.
#pragma once

#include "lns/activation/dev_addr_allocator.h"
#include "lns/downlink/flights.h"
#include "lns/gateways.h"
#include "lns/network_server.h"
#include "lns/policy.h"

namespace helio::lns {

// Lets so many through a second; for log events about frames that anybody can send.
class PerSecond {
  public:
    explicit PerSecond(std::uint32_t limit) : limit_(limit) {}
    bool allows(Instant now) {
        const std::int64_t second = to_unix_us(now) / 1'000'000;
        if (second != second_) {
            second_ = second;
            used_ = 0;
        }
        return used_ < limit_ && ++used_ > 0;
    }

  private:
    std::uint32_t limit_;
    std::uint32_t used_ = 0;
    std::int64_t second_ = -1;
};

struct Core {
    Core(Config config_, Registry& registry_, crypto::Random random, Outbox& outbox_);

    Config config;
    Registry& registry;
    store::Store& store;
    Outbox& outbox;
    Stats stats;
    ConfiguredRegions regions;
    Policies policies;
    Gateways gateways;
    DevAddrAllocator allocator;
    Flights flights;
    PerSecond refusals;

    // Ids of downlinks: the commit they belong to, their index in it, and the attempt (4 bits).
    std::uint64_t next_downlink_id();
    // The same flight by another route.
    static std::uint64_t next_attempt_id(std::uint64_t downlink_id) { return downlink_id + 1; }

    void publish(store::Transaction& tx, proto::Event event);
    // Of a frame that was refused: in a transaction of its own, if the rate allows it.
    void publish_refusal(Eui64 dev_eui, Instant now, std::string_view code, std::string_view text);

  private:
    store::Position id_position_ = 0;
    std::uint32_t id_index_ = 0;
};

}  // namespace helio::lns
