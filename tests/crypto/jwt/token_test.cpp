#include "crypto/jwt/token.h"

#include "base/base64.h"
#include "crypto/digest.h"
#include "crypto/jwt/strict_json.h"
#include "tests/crypto/jwt/example_tokens.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::crypto::jwt;

namespace {

constexpr Instant kNow = from_unix_us(1'700'000'000'000'000);
constexpr char kSecret[] = "a secret of the tests, which is long enough";

std::string base64url(std::string_view text) {
    std::string out = to_base64(bytes_of(text));
    out.resize(std::min(out.size(), out.find('=')));
    for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return out;
}

std::vector<Key> keys(std::string_view text) {
    auto read = parse_keys(text);
    REQUIRE(read);
    return *std::move(read);
}
std::string secret_jwk(std::string_view secret, const std::string& more = "") {
    return R"({"kty":"oct","k":")" + base64url(secret) + '"' + more + '}';
}

// A token whose HMAC is right, whatever its header says.
std::string signed_token(std::string_view header,
                         std::string_view claims,
                         std::string_view secret = kSecret) {
    const std::string part = base64url(header) + '.' + base64url(claims);
    return part + '.' + base64url(text_of(crypto::hmac_sha256(bytes_of(secret), bytes_of(part))));
}
std::string token_with(std::string_view claims) {
    return signed_token(R"({"alg":"HS256"})", claims);
}

Result<void, TokenError> judge(const std::string& compact, std::span<const Key> with) {
    const auto token = parse_token(compact);
    if (!token) return fail(token.error());
    return verify(*token, with);
}
Result<void, TokenError> claims(std::string_view text, const Expectation& expected = {}) {
    const auto token = parse_token(token_with(text));
    REQUIRE(token);
    return check_claims(token->claims, expected, kNow);
}

constexpr auto refused_as = [](const auto& result, auto error) {
    return !result && result.error() == error;
};

}  // namespace

TEST_CASE("the examples of RFC 7515 appendix A and RFC 8037 appendix A verify", "[crypto][jwt]") {
    CHECK(judge(test::kHs256, keys(test::kSecretJwk)));
    CHECK(judge(test::kRs256, keys(test::kRsaJwk)));
    CHECK(judge(test::kEs256, keys(test::kEcJwk)));
    const auto ed = keys(test::kEdJwk);
    CHECK(ed[0].verifies(
        Algorithm::eddsa, bytes_of(test::kEdSigned), *from_base64url(test::kEdSignature)));
    CHECK(judge(test::kEs384, keys(test::kP384Jwk)));
    CHECK(judge(test::kRs384, keys(test::kRsaPem)));
    CHECK(parse_token(test::kHs256)->claims.at("iss").as_string() == "joe");
    CHECK(
        refused_as(check_claims(parse_token(test::kHs256)->claims, {}, kNow), TokenError::expired));
}

TEST_CASE("any other bit of a token makes its signature wrong", "[crypto][jwt]") {
    for (const auto& [compact, jwk] : {std::pair{test::kHs256, test::kSecretJwk},
                                       {test::kRs256, test::kRsaJwk},
                                       {test::kEs256, test::kEcJwk}}) {
        const auto with = keys(jwk);
        for (std::size_t i = 0; i < std::string_view(compact).size(); i += 7) {
            std::string changed = compact;
            changed[i] = changed[i] == 'A' ? 'B' : 'A';
            if (changed != compact) CHECK_FALSE(judge(changed, with));
        }
    }
}

TEST_CASE("alg none is refused, whatever its spelling and signature", "[crypto][jwt]") {
    for (const char* name : {"none", "None", "NONE", "nOnE", ""}) {
        const std::string header = std::string(R"({"alg":")") + name + "\"}";
        CHECK(refused_as(parse_token(base64url(header) + '.' + base64url("{}") + '.'),
                         TokenError::algorithm));
        CHECK(refused_as(parse_token(signed_token(header, "{}")), TokenError::algorithm));
    }
    CHECK(refused_as(parse_token(signed_token("{}", "{}")), TokenError::malformed));
    CHECK(refused_as(parse_token(signed_token(R"({"alg":7})", "{}")), TokenError::malformed));
    CHECK(refused_as(parse_token(signed_token(R"({"alg":"PS256"})", "{}")), TokenError::algorithm));
}

TEST_CASE("a public key is never taken for the secret of an HMAC", "[crypto][jwt]") {
    const std::string forged = signed_token(R"({"alg":"HS256"})", "{}", test::kRsaPem);
    CHECK(refused_as(judge(forged, keys(test::kRsaPem)), TokenError::unknown_key));
    CHECK(refused_as(judge(forged, keys(test::kEcJwk)), TokenError::unknown_key));
}

TEST_CASE("a key serves the algorithms of its kind, and of its alg, only", "[crypto][jwt]") {
    CHECK(refused_as(judge(test::kEs256, keys(test::kP384Jwk)), TokenError::unknown_key));
    CHECK(refused_as(judge(test::kEs256, keys(test::kEdJwk)), TokenError::unknown_key));
    CHECK(refused_as(judge(test::kRs256, keys(test::kEcJwk)), TokenError::unknown_key));
    const std::string token = signed_token(R"({"alg":"HS256"})", "{}");
    CHECK(judge(token, keys(secret_jwk(kSecret))));
    CHECK(judge(token, keys(secret_jwk(kSecret, R"(,"alg":"HS256")"))));
    CHECK(refused_as(judge(token, keys(secret_jwk(kSecret, R"(,"alg":"HS384")"))),
                     TokenError::unknown_key));
}

TEST_CASE("a token with crit is refused: no extension is known (RFC 7515 4.1.11)",
          "[crypto][jwt]") {
    CHECK(refused_as(parse_token(signed_token(R"({"alg":"HS256","crit":["exp"]})", "{}")),
                     TokenError::critical));
    CHECK(refused_as(parse_token(signed_token(R"({"alg":"HS256","crit":[]})", "{}")),
                     TokenError::critical));
}

TEST_CASE("duplicate members are refused in the header and in the claims", "[crypto][jwt]") {
    for (const auto& [header, body] : {std::pair{R"({"alg":"none","alg":"HS256"})", "{}"},
                                       {R"({"alg":"HS256"})", R"({"sub":"a","sub":"b"})"},
                                       {R"({"alg":"HS256"})", R"({"sub":"a","s\u0075b":"b"})"},
                                       {R"({"alg":"HS256"})", R"({"x":{"y":1,"y":2}})"}}) {
        CHECK(refused_as(parse_token(signed_token(header, body)), TokenError::malformed));
    }
    CHECK(parse_token(token_with(R"({"x":{"y":1},"y":2})")));
}

TEST_CASE("a signature has the size of its algorithm", "[crypto][jwt]") {
    const auto with = keys(test::kEcJwk);
    auto token = parse_token(test::kEs256);
    REQUIRE(token);
    const Bytes right = token->signature;
    for (const std::size_t size : {0u, 1u, 63u, 65u, 96u}) {
        token->signature = right;
        token->signature.resize(size);
        CHECK(refused_as(verify(*token, with), TokenError::signature));
    }
    // The same signature in DER, as X.509 has it.
    token->signature = Bytes{0x30, 0x46, 0x02, 0x21, 0x00};
    token->signature.insert(token->signature.end(), right.begin(), right.begin() + 32);
    CHECK(refused_as(verify(*token, with), TokenError::signature));
    token->signature.assign(64, 0);
    CHECK(refused_as(verify(*token, with), TokenError::signature));

    auto mac = parse_token(test::kHs256);
    mac->signature.resize(16);
    CHECK(refused_as(verify(*mac, keys(test::kSecretJwk)), TokenError::signature));
}

TEST_CASE("what is not three parts of strict base64url is no token", "[crypto][jwt]") {
    const std::string good = token_with("{}");
    CHECK(parse_token(good));
    for (const std::string& wrong : {std::string(),
                                     std::string("."),
                                     std::string(".."),
                                     std::string("a.b"),
                                     good + ".",
                                     good + "=",
                                     good + " ",
                                     " " + good,
                                     good + ".e30",
                                     "{" + good,
                                     base64url("[]") + "." + base64url("{}") + ".AA",
                                     base64url("{\"alg\":\"HS256\"}") + ".bm8.AA"}) {
        CAPTURE(wrong);
        CHECK(refused_as(parse_token(wrong), TokenError::malformed));
    }
    CHECK(from_base64url("QQ") == Bytes{0x41});
    CHECK_FALSE(from_base64url("QR"));  // two bits too many are set
    CHECK_FALSE(from_base64url("QQ=="));
    CHECK_FALSE(from_base64url("+_"));
}

TEST_CASE("JSON bombs and huge tokens are refused at once", "[crypto][jwt]") {
    CHECK(refused_as(parse_token(std::string(kMaxTokenBytes + 1, 'a')), TokenError::too_large));
    const auto nested = [](std::size_t depth) {
        return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + '}';
    };
    CHECK(parse_token(token_with(nested(10))));
    CHECK(refused_as(parse_token(token_with(nested(100))), TokenError::malformed));
    CHECK(refused_as(parse_token(token_with(nested(5'000))), TokenError::malformed));
    CHECK_FALSE(parse_strict_object("{\"a\":[" + std::string(30'000, '1') + "]}", {.bytes = 1000}));
    std::string many = "{\"a\":[1";
    for (int i = 0; i < 20'000; ++i) many += ",1";
    CHECK_FALSE(parse_strict_object(many + "]}"));
}

TEST_CASE("exp, nbf and iat are held against the time with a leeway", "[crypto][jwt]") {
    CHECK(claims(R"({"exp":1700000001})"));
    CHECK(claims(R"({"exp":1699999941})"));
    CHECK(refused_as(claims(R"({"exp":1699999940})"), TokenError::expired));
    CHECK(refused_as(claims(R"({"exp":0})"), TokenError::expired));
    CHECK(claims(R"({"nbf":1700000060})"));
    CHECK(refused_as(claims(R"({"nbf":1700000061})"), TokenError::not_yet_valid));
    CHECK(refused_as(claims(R"({"iat":1700000061})"), TokenError::not_yet_valid));
    CHECK(claims(R"({"exp":1700000000.5})"));
    CHECK(refused_as(claims(R"({"exp":1700000000})", {.leeway = std::chrono::seconds(0)}),
                     TokenError::expired));
    for (const char* wrong : {R"({"exp":"1800000000"})",
                              R"({"exp":-1})",
                              R"({"exp":1e300})",
                              R"({"exp":null})",
                              R"({"nbf":[]})",
                              R"({"iat":true})"}) {
        CAPTURE(wrong);
        CHECK(refused_as(claims(wrong), TokenError::bad_claim));
    }
    CHECK(expiry_of(parse_token(test::kHs256)->claims) == from_unix_us(1'300'819'380'000'000));
}

TEST_CASE("iss must be the expected one, and aud must name us among others", "[crypto][jwt]") {
    const Expectation us{.issuer = "https://id.example", .audience = "hub"};
    CHECK(claims(R"({"iss":"https://id.example","aud":"hub"})", us));
    CHECK(claims(R"({"iss":"https://id.example","aud":["web","hub"]})", us));
    CHECK(
        refused_as(claims(R"({"iss":"https://id.example/","aud":"hub"})", us), TokenError::issuer));
    CHECK(refused_as(claims(R"({"iss":["https://id.example"],"aud":"hub"})", us),
                     TokenError::issuer));
    CHECK(refused_as(claims(R"({"aud":"hub"})", us), TokenError::issuer));
    CHECK(refused_as(claims(R"({"iss":"https://id.example"})", us), TokenError::audience));
    CHECK(refused_as(claims(R"({"iss":"https://id.example","aud":"hub2"})", us),
                     TokenError::audience));
    CHECK(refused_as(claims(R"({"iss":"https://id.example","aud":[]})", us), TokenError::audience));
    CHECK(
        refused_as(claims(R"({"iss":"https://id.example","aud":[7]})", us), TokenError::bad_claim));
    CHECK(
        refused_as(claims(R"({"iss":"https://id.example","aud":{}})", us), TokenError::bad_claim));
    CHECK(claims(R"({"iss":"anybody","aud":"whoever"})"));
}

TEST_CASE("of several keys the one with the token's kid is tried", "[crypto][jwt]") {
    const std::string set =
        R"({"keys":[)" + secret_jwk(kSecret, R"(,"kid":"new")") + ',' +
        secret_jwk("another secret that is also long enough", R"(,"kid":"old")") + "]}";
    const auto with = keys(set);
    CHECK(with.size() == 2);
    CHECK(judge(signed_token(R"({"alg":"HS256","kid":"new"})", "{}"), with));
    CHECK(judge(signed_token(R"({"alg":"HS256"})", "{}"), with));
    CHECK(refused_as(judge(signed_token(R"({"alg":"HS256","kid":"old"})", "{}"), with),
                     TokenError::signature));
    CHECK(refused_as(judge(signed_token(R"({"alg":"HS256","kid":"next"})", "{}"), with),
                     TokenError::unknown_key));
    CHECK(refused_as(parse_token(signed_token(R"({"alg":"HS256","kid":7})", "{}")),
                     TokenError::malformed));
}
