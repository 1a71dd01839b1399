// The JSON of a PUSH_DATA: received frames and gateway statistics.  Parsing fills a value that the
// caller owns and reuses, so that the packet path does not allocate; the uplinks in it borrow from
// it and from nothing else.
//
//   {"rxpk": [{...}, ...], "stat": {...}}         one of the two or both; unknown members are
//   ignored
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "lns/proto/gateway_messages.h"

#include <array>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace helio::gateway_bridge::semtech_udp {

// Why one rxpk was left out while the others of its datagram went on.
enum class RxpkFlaw : std::uint8_t {
    bad_member,      // one that is needed is missing, of the wrong type or out of range
    bad_modulation,  // modu, datr and codr make no modulation
    bad_payload,     // no base64, empty, or more than 255 bytes
    crc,             // received with a wrong CRC or without one
    too_many,        // beyond kMaxUplinks
};
inline constexpr std::size_t kRxpkFlaws = 5;

struct PushData {
    // Forwarders pack eight; a datagram of 64 KB could hold hundreds.
    static constexpr std::size_t kMaxUplinks = 128;

    PushData() = default;
    PushData(const PushData&) = delete;
    PushData& operator=(const PushData&) = delete;

    // One for each antenna that heard a frame; `path` and `uplink_id` are the caller's to fill in.
    std::vector<lns::GatewayUplink> uplinks;
    std::optional<lns::GatewayStatus> status;  // `path` is the caller's to fill in
    std::array<std::uint32_t, kRxpkFlaws> dropped{};

    Bytes payloads;  // what the uplinks' payloads are views of
    std::size_t payloads_used = 0;
    std::deque<std::map<std::string, std::string>> metadata;  // what their metadata point to

    void drop(RxpkFlaw flaw) { ++dropped[static_cast<std::size_t>(flaw)]; }
};

enum class PushDataError : std::uint8_t { not_json, not_an_object };

// Replaces what is in `out`.  Where the text as a whole is no JSON object, nothing of it counts.
Result<void, PushDataError> parse_push_data(ByteView json, PushData& out);

}  // namespace helio::gateway_bridge::semtech_udp
