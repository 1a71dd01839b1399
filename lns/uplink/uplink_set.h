// One frame that a device sent, with all the receptions of it: what the deduplicator makes of many
// GatewayUplinks.
//
// It lives in a buffer of the deduplicator that is used again; nobody keeps it past its handling.
#pragma once

#include "base/time.h"
#include "lns/proto/gateway_messages.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace helio::lns {

struct Copy {
    GatewayPath path;
    std::uint32_t uplink_id = 0;
    std::uint32_t frequency_hz = 0;
    Modulation modulation;
    std::int16_t rssi_dbm = 0;
    float snr_db = 0;
    std::optional<std::uint32_t> counter_us;
    std::optional<Instant> gateway_time;
    std::optional<GpsTime> gps_time;
    std::optional<std::uint32_t> fine_time_ns;
    std::uint16_t channel = 0;
    std::uint8_t rf_chain = 0;
    std::uint8_t board = 0;
    std::uint8_t antenna = 0;
    Instant received_at{};
    std::unique_ptr<const std::map<std::string, std::string>> metadata;
};

struct UplinkSet {
    Bytes phy_payload;
    std::vector<Copy> copies;  // when handled: the best first
    Instant first_at{};

    const Copy& best() const { return copies.front(); }
};

}  // namespace helio::lns
