// The broker's limits from the settings of `[mqtt]` and `[aws] strict`.
#pragma once

#include "base/config.h"
#include "bridge/mqtt/session/limits.h"

namespace helio::server {

// Throws std::runtime_error with one sentence where a value is not possible.
bridge::mqtt::Limits mqtt_limits(const Config& config);

}  // namespace helio::server
