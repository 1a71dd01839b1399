// The broker beside Mosquitto: processor time, memory and rates, both in the same run.
#pragma once

#include "tools/helio-bench/scenarios.h"

namespace helio::bench {

void broker(const Settings& settings, Report& report);

}  // namespace helio::bench
