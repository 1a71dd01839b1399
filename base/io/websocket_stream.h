// A WebSocket as a Stream: what is written in a turn leaves as one binary message, and what binary
// messages carry comes as one stream of bytes.
#pragma once

#include "base/io/loop.h"
#include "base/io/stream.h"

#include <memory>
#include <string>

namespace helio::io {

// Over a connection whose upgrade has been answered.  `already_read` is what the client sent behind
// its request.
std::unique_ptr<Stream> make_websocket_stream(Loop& loop,
                                              std::unique_ptr<Stream> connection,
                                              std::string already_read);

}  // namespace helio::io
