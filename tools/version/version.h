// What `--version` of every program prints: the release and the commit it was built from.
#pragma once

namespace helio {

// "0.1.0 (1a2b3c4d5e6f)"
const char* version();

}  // namespace helio
