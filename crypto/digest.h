// Digests and HMAC-SHA-256 of bytes in memory.
//
// Nothing here can be refused by its input: an OpenSSL failure is a broken provider, and throws.
#pragma once

#include "base/bytes.h"

#include <array>

namespace helio::crypto {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(ByteView message);
// Where people choose: functions of rules.  MD5 and SHA-1 protect nothing any more.
enum class Digest : std::uint8_t { md5, sha1, sha224, sha256, sha384, sha512 };
Bytes digest(Digest algorithm, ByteView message);

Sha256 hmac_sha256(ByteView key, ByteView message);

}  // namespace helio::crypto
