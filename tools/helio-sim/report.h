// What a simulation saw, as numbers and as JSON.
#pragma once

#include "base/time.h"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace helio::sim {

struct Report {
    std::uint32_t gateways = 0;
    std::uint32_t devices = 0;
    std::uint32_t devices_joined = 0;

    std::uint64_t joins_sent = 0;
    std::uint64_t joins_accepted = 0;
    std::uint64_t uplinks = 0;            // frames; each may be transmitted more than once
    std::uint64_t uplinks_unheard = 0;    // by any gateway
    std::uint64_t uplinks_postponed = 0;  // the device was still busy with the one before
    std::uint64_t repeats = 0;
    std::uint64_t confirmed = 0;
    std::uint64_t acknowledged = 0;
    std::uint64_t given_up = 0;  // confirmed, and not acknowledged after all attempts

    std::uint64_t push_data = 0;
    std::uint64_t push_acks = 0;
    std::vector<std::uint32_t> push_ack_us;  // a sample of the latencies
    std::uint64_t pull_data = 0;
    std::uint64_t pull_acks = 0;

    std::uint64_t pull_resps = 0;
    std::uint64_t pull_resps_malformed = 0;
    std::map<std::string, std::uint64_t, std::less<>> tx_acks;  // by the word in them
    std::array<std::uint64_t, 2> heard{};                       // in RX1, in RX2
    std::uint64_t outside_window = 0;                           // no device listened then and there
    std::uint64_t lost_on_air = 0;
    std::uint64_t mic_failures = 0;
    std::uint64_t repeated_counters = 0;
    std::uint64_t malformed_frames = 0;
    std::uint64_t application_downlinks = 0;
    std::uint64_t payload_mismatches = 0;  // with --expect-downlink

    std::uint64_t mac_requests = 0;
    std::uint64_t mac_refused = 0;
    std::uint64_t mac_malformed = 0;

    // To go on with in another run.
    std::uint32_t next_fcnt = 0;
    std::uint32_t next_dev_nonce = 0;
    std::map<std::uint8_t, std::uint32_t> devices_by_data_rate;

    // Whether the server has shown any life, and let in whoever wanted to join.
    bool worked() const {
        return push_acks > 0 && uplinks > 0 && (joins_sent == 0 || joins_accepted > 0);
    }
};

std::string to_json(const Report& report);

// A few lines for people.
std::string to_text(const Report& report);

}  // namespace helio::sim
