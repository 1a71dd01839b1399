// The Backend's counters on the metrics page.
#pragma once

#include "base/metrics.h"
#include "gateway-bridge/semtech-udp/backend.h"

namespace helio::gateway_bridge::semtech_udp {

// `backend` must live as long as the page is asked for.
void expose(const Backend& backend, metrics::Registry& registry);

}  // namespace helio::gateway_bridge::semtech_udp
