// The OpenSSL library context that servers take their algorithms from.  For base/io only.
//
// To read the key of a client's certificate OpenSSL 3.0 asks each of its seventy decoders and all
// kinds of keys whether they could be of use: a third of a handshake with a client certificate.  In
// this context are only those for public keys of certificates; all the rest is the default
// provider's, whose functions and whose own context are handed on.
#pragma once

struct ossl_lib_ctx_st;

namespace helio::io {

// Made at the first call, and there until the process ends.  Null where OpenSSL does not take the
// provider: that is OpenSSL's name for its usual context.
ossl_lib_ctx_st* tls_library();

}  // namespace helio::io
