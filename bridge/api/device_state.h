// When a device was heard last, from its compact record.
#pragma once

#include "base/eui64.h"
#include "bridge/api/context.h"

#include <optional>

namespace helio::bridge::api {

std::optional<Instant> last_uplink_at(const Context& context, Eui64 dev_eui);

}  // namespace helio::bridge::api
