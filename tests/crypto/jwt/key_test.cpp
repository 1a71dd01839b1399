#include "crypto/jwt/key.h"

#include "tests/crypto/jwt/example_tokens.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::crypto::jwt;

namespace {

std::optional<KeyError> error_of(const std::string& text) {
    const auto read = parse_keys(text);
    return read ? std::nullopt : std::optional(read.error());
}

}  // namespace

TEST_CASE("keys are read from PEM, from certificates, from a JWK and from a JWKS",
          "[crypto][jwt]") {
    CHECK(parse_keys(test::kRsaPem)->at(0).kind() == KeyKind::rsa);
    CHECK(parse_keys(std::string(test::kRsaPem) + "and another:\n" + test::kRsaPem)->size() == 2);
    CHECK(parse_keys(test::kEcJwk)->at(0).kind() == KeyKind::p256);
    CHECK(parse_keys(test::kP384Jwk)->at(0).id() == "p384");
    CHECK(parse_keys(test::kEdJwk)->at(0).kind() == KeyKind::ed25519);
    CHECK(parse_keys(test::kSecretJwk)->at(0).kind() == KeyKind::secret);
}

TEST_CASE("in a JWKS keys for others are passed over (RFC 7517 section 5)", "[crypto][jwt]") {
    const auto keys =
        parse_keys(std::string(R"({"keys":[{"kty":"EC","crv":"P-521"},{"kty":"new"},7,)") +
                   R"({"kty":"oct","k":"c2hvcnQ"},)" + test::kEcJwk + "]}");
    REQUIRE(keys);
    CHECK(keys->size() == 1);
    CHECK(error_of(R"({"keys":[{"kty":"new"}]})") == KeyError::unsupported);
    CHECK(error_of(R"({"keys":[]})") == KeyError::malformed);
    CHECK(error_of(R"({"keys":{}})") == KeyError::malformed);
}

TEST_CASE("weak, private and foreign keys are refused", "[crypto][jwt]") {
    CHECK(error_of(test::kWeakRsaPem) == KeyError::weak);
    CHECK(error_of(R"({"kty":"oct","k":"c2hvcnQ"})") == KeyError::weak);
    CHECK(error_of(test::kOtherCurvePem) == KeyError::unsupported);
    CHECK(error_of(R"({"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"})") == KeyError::unsupported);
    CHECK(error_of("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n") ==
          KeyError::private_key);
    std::string with_d = test::kEcJwk;
    with_d.insert(1, R"("d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",)");
    CHECK(error_of(with_d) == KeyError::private_key);
    std::string to_encrypt = test::kEcJwk;
    to_encrypt.insert(1, R"("use":"enc",)");
    CHECK(error_of(to_encrypt) == KeyError::unsupported);
    std::string of_another = test::kEcJwk;
    of_another.insert(1, R"("alg":"RS256",)");
    CHECK(error_of(of_another) == KeyError::unsupported);
}

TEST_CASE("a point off its curve and a coordinate of another size are no key", "[crypto][jwt]") {
    std::string off = test::kEcJwk;
    off[off.find("f83OJ") + 1] = '9';
    CHECK(error_of(off) == KeyError::malformed);
    std::string other_curve = test::kEcJwk;
    other_curve.replace(other_curve.find("P-256"), 5, "P-384");
    CHECK(error_of(other_curve) == KeyError::malformed);
    CHECK(error_of(R"({"kty":"OKP","crv":"Ed25519","x":"AAAA"})") == KeyError::malformed);
    CHECK(error_of(R"({"kty":"RSA","e":"AQAB"})") == KeyError::malformed);
}

TEST_CASE("what is neither PEM nor JSON of keys is refused, never taken as a secret",
          "[crypto][jwt]") {
    for (const char* text : {"",
                             "a password that is certainly long enough for an HMAC",
                             "{}",
                             "[]",
                             "{\"kty\":7}",
                             "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
                             "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
        CHECK(error_of(text) == KeyError::malformed);
    }
}
