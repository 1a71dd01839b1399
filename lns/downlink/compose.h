// What goes into one downlink: the acknowledgement, our MAC answers and questions, and the next
// message of the queue, as far as the window's size lets them.
//
// Answers of up to 15 bytes travel in FOpts beside a message; more of them take FPort 0, and the
// message waits for the next uplink, which FPending asks the device to send soon (TS001 §4.3.1).
#pragma once

#include "lns/mac/commands.h"
#include "lns/proto/downlink.pb.h"

#include <functional>
#include <optional>

namespace helio::lns {

struct DownlinkNeeds {
    bool ack = false;  // a confirmed uplink
    bool any = false;  // any downlink will do: ADRACKReq, or an answer that is repeated
    Bytes answers;     // MAC answers, CIDs included
    const proto::QueueItem* item = nullptr;
    bool more_items = false;  // behind `item`, or kept back
};

// Plans MAC questions within so many bytes.
using PlanRequests = std::function<mac::Requests(std::size_t budget)>;

struct DownlinkContent {
    bool ack = false;
    bool fpending = false;
    Bytes fopts;
    std::optional<std::uint8_t> fport;
    Bytes mac_payload;       // FPort 0
    bool with_item = false;  // FRMPayload is the item's
    mac::Requests requests;

    std::size_t size() const;  // FOpts and FRMPayload without the item
};

// Absent where nothing is worth sending.  `max_payload` is N of the window.
std::optional<DownlinkContent> compose(const DownlinkNeeds& needs,
                                       std::size_t max_payload,
                                       const PlanRequests& plan_requests);

}  // namespace helio::lns
