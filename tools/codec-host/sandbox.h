// Takes from this process what a codec has no business with: files, sockets, other programs, and
// more memory than its share.  There is no way back.
#pragma once

#include <cstddef>

namespace helio::codec_host {

// Throws std::runtime_error where the kernel refuses.
void enter_sandbox(std::size_t max_memory_bytes);

}  // namespace helio::codec_host
