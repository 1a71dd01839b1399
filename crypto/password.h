// Passwords of people and devices as they are stored: scrypt (RFC 7914) with a salt of their own.
//
//   $scrypt$ln=14,r=8,p=1$<salt>$<hash>      base64 without padding, as in the PHC string format
//
// Both functions take tens of milliseconds and 16 MB by intent: they belong on another thread.
#pragma once

#include "base/bytes.h"
#include "crypto/random.h"

#include <string>
#include <string_view>

namespace helio::crypto {

std::string hash_password(ByteView password, const Random& random);

// False, too, where `stored` is no such text; it then takes as long as with one.
bool password_fits(std::string_view stored, ByteView password);

}  // namespace helio::crypto
