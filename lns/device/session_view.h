// What an uplink needs of a stored Session, read in place.
//
// Parsing the whole message costs allocations, and most uplinks change nothing in it; the view
// walks the wire format once.  It borrows the bytes that the store gave, so it does not outlive a
// change.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <optional>

namespace helio::lns {

// The fields of MacParameters that every frame needs.
struct WindowParameters {
    std::uint32_t data_rate = 0;
    std::uint32_t tx_power_index = 0;
    std::uint32_t nb_trans = 0;
    std::uint32_t rx_delay_1_s = 0;
    std::uint32_t rx1_dr_offset = 0;
    std::uint32_t rx2_data_rate = 0;
    std::uint32_t rx2_frequency_hz = 0;
    bool uplink_dwell_time = false;
    bool downlink_dwell_time = false;
};

struct SessionView {
    ByteView nwk_s_key;  // 16 bytes
    ByteView app_s_key;  // 16 bytes, or empty where the network must not know it
    std::string_view region;
    std::uint32_t mac_version = 0;  // proto::MacVersion
    bool supports_32bit_fcnt = false;
    bool abp = false;
    bool disabled = false;
    bool allow_fcnt_reset = false;
    bool awaiting_first_uplink = false;
    bool has_current = false;
    std::uint64_t settled_with = 0;
    ByteView device_profile_id;
    ByteView service_profile_id;
    WindowParameters current;
};

// Absent where `bytes` is no Session, or has no 16-byte network key.
std::optional<SessionView> view_session(ByteView bytes);

}  // namespace helio::lns
