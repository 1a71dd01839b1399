// The MAC layer's two verbs: take in what a device's commands say, and plan what to ask of it.
//
// Both are pure.  A request is planned again and again from the difference between what the device
// is known to use and what we want, so that a lost downlink or a lost answer needs no memory of its
// own: session.pending only says which question an answer belongs to, and how often it was asked.
#pragma once

#include "base/bytes.h"
#include "base/time.h"
#include "lns/mac/parameters.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace helio::lns::proto {
class Session;
}

namespace helio::lns::mac {

// What the answers to a device's own questions need to know of the uplink that asked.
struct UplinkFacts {
    GpsTime ended_at{};         // when the device had finished sending
    float best_snr_db = 0;      // of the gateway that heard it best
    float required_snr_db = 0;  // of its modulation
    std::uint8_t gateway_count = 1;
};

struct DeviceStatus {
    std::uint8_t battery = 255;  // 0 external power, 1..254 empty to full, 255 unknown
    std::int8_t margin_db = 0;   // -32..31, of the last DevStatusReq
    friend bool operator==(const DeviceStatus&, const DeviceStatus&) = default;
};

struct UplinkOutcome {
    Bytes answers;  // for the next downlink, CIDs included: LinkCheckAns, DeviceTimeAns ...
    std::optional<DeviceStatus> status;
    bool session_changed = false;
    // The device repeats an answer in every uplink until it hears a downlink (TS001 §5.4, §5.7,
    // §5.8): an empty one will do.
    bool downlink_needed = false;
    std::uint8_t understood = 0;
    std::uint8_t unexpected = 0;  // answers to no question of ours
    bool stopped_early = false;   // at an unknown or cut command
};

// `commands` is FOpts, or the decrypted FRMPayload of FPort 0; never both hold commands.  Changes
// session.current, .pending and .refused.
UplinkOutcome handle_uplink_commands(ByteView commands,
                                     proto::Session& session,
                                     const Region& region,
                                     const UplinkFacts& facts);

struct PlannedRequest {
    std::uint8_t cid = 0;
    Bytes payload;
    std::uint32_t attempts = 0;  // this one included
    friend bool operator==(const PlannedRequest&, const PlannedRequest&) = default;
};

struct Requests {
    Bytes bytes;                          // for FOpts or FPort 0, CIDs included; within the budget
    std::vector<PlannedRequest> planned;  // what `bytes` asks, in order
    bool more = false;                    // something did not fit
    // Worth a downlink of its own.  A question that a device has left unanswered several times only
    // rides along with downlinks that are sent for another reason.
    bool worth_a_downlink = false;
};

struct PlanOptions {
    bool ask_device_status = false;
};

// `budget` in bytes: what FOpts, or an FPort 0 payload, has left.
Requests plan_requests(const proto::Session& session,
                       const Parameters& desired,
                       const Region& region,
                       std::size_t budget,
                       PlanOptions options = {});

// To be called when the downlink with these requests is handed to a gateway.
void remember_sent(const Requests& requests, std::uint32_t fcnt_down, proto::Session& session);

// What the device uses by the evidence of an uplink: after ADR back-off it sends slower, and at
// full power, without having been told to.  True where `session.current` changed.
bool observe_uplink_data_rate(proto::Session& session, unsigned data_rate);

// Refused once by the device, so that ADR does not choose it again.  Bit i: index i.
struct RefusedByDevice {
    std::uint16_t data_rates = 0;
    std::uint16_t tx_powers = 0;
};
RefusedByDevice refused_by_device(const proto::Session& session);

}  // namespace helio::lns::mac
