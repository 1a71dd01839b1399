// A join-request, checked, and what comes of it: a session that waits for its first uplink, the
// device's nonces moved on, and the join-accept.
//
// Nothing is changed here; the caller stores the plan in one transaction.
#pragma once

#include "base/result.h"
#include "lns/activation/dev_addr_allocator.h"
#include "lns/device/join_record.h"
#include "lns/device/registry.h"
#include "lns/frame/join_request.h"
#include "lns/policy.h"
#include "lns/proto/session.pb.h"

namespace helio::lns {

struct JoinInput {
    const JoinRequest& request;
    const Region& region;
    const mac::NetworkSettings& settings;
    std::uint8_t data_rate;
    Instant now;
};

enum class JoinError : std::uint8_t {
    unknown_device,
    not_supported,  // the device is not registered for OTAA, or is disabled
    wrong_join_eui,
    wrong_mic,
    nonce_used,
    nonces_exhausted,  // of the device, or our 24-bit JoinNonces
    corrupt_record,
};
std::string_view describe(JoinError error);

struct JoinPlan {
    Eui64 dev_eui;
    DevAddr dev_addr;
    Bytes accept;  // the PHYPayload
    proto::Session session;
    JoinRecord record;
};

Result<JoinPlan, JoinError> plan_join(const JoinInput& input,
                                      const Registry& registry,
                                      NetId net_id,
                                      const DevAddrAllocator& allocator);

void store_join(store::Transaction& tx, const JoinPlan& plan);

}  // namespace helio::lns
