// Keys that check signatures of tokens, from PEM, JWK and JWKS (RFC 7517, 7518 §6, 8037).
//
// A key knows its kind, and an algorithm asks for one kind: so no token can have an RSA public key
// taken for an HMAC secret.  Weak keys are none: RSA below 2048 bits, secrets shorter than the
// digest.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

#include <boost/json/object.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct evp_pkey_st;

namespace helio::crypto::jwt {

enum class KeyKind : std::uint8_t { rsa, p256, p384, ed25519, secret };

enum class Algorithm : std::uint8_t {
    rs256,
    rs384,
    rs512,
    es256,
    es384,
    eddsa,
    hs256,
    hs384,
    hs512,
};
// By the names of RFC 7518 §3.1 and 8037 §3.1; absent for every other, "none" among them.
std::optional<Algorithm> algorithm_named(std::string_view name);

enum class KeyError : std::uint8_t {
    malformed,    // neither PEM of a public key or certificate, nor a JWK, nor a JWKS
    unsupported,  // another type, curve or use
    weak,
    private_key,  // who checks signatures needs and should have the public half only
};
// For people: what the text must be.
std::string_view sentence(KeyError error);

class Key {
  public:
    static Result<Key, KeyError> from_jwk(const boost::json::object& jwk);
    static Result<Key, KeyError> from_pem(std::string_view pem);  // the first block

    KeyKind kind() const { return kind_; }
    const std::string& id() const { return id_; }  // `kid`; empty without

    // False, too, where the key is not of the algorithm's kind, or is bound to another by `alg`.
    bool verifies(Algorithm algorithm, ByteView message, ByteView signature) const;
    bool fits(Algorithm algorithm) const;

  private:
    KeyKind kind_ = KeyKind::secret;
    std::string id_;
    std::optional<Algorithm> bound_to_;
    std::shared_ptr<evp_pkey_st> key_;
    Bytes secret_;

    static Result<Key, KeyError> from_handle(std::shared_ptr<evp_pkey_st> handle);
};

// PEM with one or more blocks, one JWK, or a JWKS.  In a JWKS keys that are not for us (other
// types, for encryption, weak) are passed over; where none is left, that is the first one's error.
Result<std::vector<Key>, KeyError> parse_keys(std::string_view text);

}  // namespace helio::crypto::jwt
