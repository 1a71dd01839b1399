// The MAC commands of LoRaWAN 1.0.x from the device's side (TS001-1.0.4 §5): what a device is
// asked, what it changes, what it answers.  Written without the server's tables, so that the two
// check each other.
#pragma once

#include "base/bytes.h"
#include "tools/helio-sim/radio_settings.h"

namespace helio::sim {

struct DeviceStatus {
    std::uint8_t battery = 200;  // 0 external, 1..254, 255 unknown
    std::int8_t margin_db = 10;  // of the last downlink
};

// Answers that wait for the next uplink.  Those to RXParamSetupReq, RXTimingSetupReq and
// DlChannelReq are repeated in every uplink until a downlink shows that the network has them (§5.4,
// §5.7).
struct MacAnswers {
    std::vector<Bytes> once;
    std::vector<Bytes> until_downlink;

    std::size_t size() const;
    // The answers that fit, in their order; what does not fit is dropped, and will be asked again.
    Bytes take(std::size_t room);
};

struct MacCounts {
    std::uint64_t requests = 0;
    std::uint64_t refused = 0;    // answered with a bit that is not set
    std::uint64_t malformed = 0;  // cut short, or unknown: nothing behind it is read
};

// Carries out the commands of one downlink, in their order.  LinkADRReq next to each other are one
// block, which is taken as a whole or not at all (§5.3).
void carry_out(ByteView commands,
               const DeviceStatus& status,
               RadioSettings& settings,
               MacAnswers& answers,
               MacCounts& counts);

}  // namespace helio::sim
