// How often a client id has connected: what orders the lifecycle events of one client.
//
// Remembered for an hour after the client has left, and of so many clients at most.
#pragma once

#include "base/text_key.h"
#include "base/time.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

namespace helio::bridge::mqtt {

class ConnectionVersions {
  public:
    static constexpr std::chrono::hours kRemembered{1};
    static constexpr std::size_t kMaxClients = 50'000;

    // The version of a connection that begins.
    std::uint32_t begin(std::string_view client_id, Instant now);
    void end(std::string_view client_id, std::uint32_t version, Instant now);

    std::size_t size() const { return left_.size(); }

  private:
    struct Left {
        std::uint32_t version;
        Instant at;
    };
    struct Order {
        std::string client_id;
        Instant at;
    };
    void forget(Instant now);

    boost::unordered_flat_map<std::string, Left, TextHash, std::equal_to<>> left_;
    std::deque<Order> order_;  // oldest first; may name who has come back since
};

}  // namespace helio::bridge::mqtt
