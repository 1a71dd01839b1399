// What the owner and the applications ask of a device: messages for its queue, and a fresh start.
#pragma once

#include "lns/core.h"

namespace helio::lns {

Result<CommandAnswer, CommandError> run_command(Core& core,
                                                const DeviceCommand& command,
                                                Instant now);

}  // namespace helio::lns
