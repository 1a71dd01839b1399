// JSON Web Tokens in their compact form (RFC 7519, 7515 §7.1): read, check the signature, check the
// claims.
//
//     base64url({"alg":"ES256","kid":"k1"}) . base64url({"iss":...,"exp":...}) .
//     base64url(signature)
//     |<------------------------ what is signed ------------------------->|
//
// Nothing of a token is true before verify() and check_claims() both say so.  verify() costs up to
// a quarter of a millisecond and touches nothing shared: it may run on another thread.
#pragma once

#include "base/time.h"
#include "crypto/jwt/key.h"

#include <span>

namespace helio::crypto::jwt {

inline constexpr std::size_t kMaxTokenBytes = 16u << 10;

enum class TokenError : std::uint8_t {
    malformed,      // not three parts of base64url with two JSON objects
    too_large,      // over kMaxTokenBytes
    algorithm,      // "none", or one that is not served
    critical,       // "crit" asks for an extension (RFC 7515 §4.1.11): there are none
    unknown_key,    // no key with its `kid`, or none for its algorithm
    signature,      // of no key
    expired,        // exp
    not_yet_valid,  // nbf, or iat in the future
    issuer,         // another `iss` than expected, or none
    audience,       // not for us, or for nobody in particular
    bad_claim,      // exp, nbf, iat are no numbers, or aud no texts
};
std::string_view sentence(TokenError error);

struct Token {
    Algorithm algorithm;
    std::string key_id;       // empty: the token names none
    std::string signed_part;  // header and claims as they were sent
    Bytes signature;
    boost::json::object claims;
};
Result<Token, TokenError> parse_token(std::string_view compact);

// Only keys that carry the token's `kid` are tried, or that carry none.
Result<void, TokenError> verify(const Token& token, std::span<const Key> keys);

struct Expectation {
    std::string issuer;               // empty: any
    std::string audience;             // empty: any
    std::chrono::seconds leeway{60};  // clocks of issuers differ from ours
};
Result<void, TokenError> check_claims(const boost::json::object& claims,
                                      const Expectation& expected,
                                      Instant now);

// When the token ends, `leeway` not counted; absent where it never does.
std::optional<Instant> expiry_of(const boost::json::object& claims);

}  // namespace helio::crypto::jwt
