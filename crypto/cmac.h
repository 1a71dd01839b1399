// AES-CMAC (RFC 4493), the MAC of every LoRaWAN frame, and the comparison that goes with it.
//
// Each call may bring another key at no extra cost: the server tries the keys of many sessions.
#pragma once

#include "crypto/aes.h"

#include <initializer_list>

namespace helio::crypto {

// The MAC of the parts, as if they were one message.
Block aes_cmac(const Key128& key, std::initializer_list<ByteView> parts);

// Takes the same time wherever the first difference is.  Different sizes are unequal.
bool equal_in_constant_time(ByteView a, ByteView b);

}  // namespace helio::crypto
