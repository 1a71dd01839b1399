// What connections cost beside Mosquitto: processor time of a connect, plain and with mutual TLS,
// and memory of those that are idle.
#pragma once

#include "tools/helio-bench/scenarios.h"

namespace helio::bench {

void connections(const Settings& settings, Report& report);

}  // namespace helio::bench
