// Makes the simulated gateways and devices known to a server, by running helioctl as a person
// would. What is registered already stays as it is, so that the same command can be given again.
#pragma once

#include "tools/helio-sim/identity.h"
#include "tools/helio-sim/simulation.h"

namespace helio::sim {

// helioctl finds the server and its key by itself: $HELIO_ENDPOINT, $HELIO_CREDENTIALS or ./data.
// What it says goes to standard error.  Throws std::runtime_error where it fails.
void register_all(const SimulationSettings& simulation, const ListSettings& list);

}  // namespace helio::sim
