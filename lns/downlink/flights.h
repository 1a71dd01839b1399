// Downlinks that were handed to a gateway and have not come to an end: sent, refused or silent.
//
//   offered --TX_ACK ok--> sent
//      | refused, gone, silent for a while
//      '--> the same bytes by the next route (window, then gateway) while its time remains --> ...
//                                                                   no route left --> failed
//
// In memory only: after a restart the queue's items tell what to send again, under a new counter.
#pragma once

#include "base/store/commit_log.h"
#include "lns/downlink/windows.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace helio::lns {

struct Flight {
    Eui64 dev_eui;
    std::string message_id;  // of the queue's item; empty: none
    std::uint32_t fcnt_down = 0;
    bool join_accept = false;
    store::Position position = 0;  // durable before the bytes may leave
    const Region* region = nullptr;
    Bytes phy_payload;
    std::vector<Route> routes;
    std::size_t next_route = 0;  // the first that was not tried

    // The one that was offered last.
    std::uint64_t downlink_id = 0;
    GatewayDownlink offered;  // without its bytes
    Instant answer_by{};
};

class Flights {
  public:
    explicit Flights(std::size_t max) : max_(max) {}

    bool full() const { return flights_.size() >= max_; }
    std::size_t size() const { return flights_.size(); }

    // Keeps the flight under its downlink_id until taken.
    void put(Flight flight);
    std::optional<Flight> take(std::uint64_t downlink_id);
    // What the device was sent last is over, whatever came of it: it has sent a new frame.
    std::optional<Flight> take_of(Eui64 dev_eui);
    // A flight whose answer did not come in time.
    std::optional<Flight> take_silent(Instant now);
    std::optional<Instant> next_deadline();

  private:
    struct Due {
        Instant at;
        std::uint64_t downlink_id;
        friend bool operator>(const Due& a, const Due& b) { return a.at > b.at; }
    };
    void drop_stale();

    std::size_t max_;
    std::unordered_map<std::uint64_t, Flight> flights_;
    std::unordered_map<Eui64, std::uint64_t> by_device_;
    std::vector<Due> due_;  // a heap; entries of flights that were taken are stale
};

}  // namespace helio::lns
