// Base64 (RFC 4648 §4).
#pragma once

#include "base/bytes.h"

namespace helio {

std::string to_base64(ByteView bytes);

// Reads the standard and the URL-safe alphabet, with or without padding, because packet forwarders
// send all of them; absent where a character is foreign or the length is impossible.
std::optional<Bytes> from_base64(std::string_view text);

// As from_base64, into a buffer of the caller; the size that was written.  Absent also where `out`
// is too small.  For the packet path: it does not allocate.
std::optional<std::size_t> from_base64(std::string_view text, std::span<std::uint8_t> out);

}  // namespace helio
