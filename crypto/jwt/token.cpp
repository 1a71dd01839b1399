#include "crypto/jwt/token.h"

#include "crypto/jwt/strict_json.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cmath>

namespace helio::crypto::jwt {
namespace {

namespace json = boost::json;

// Beyond it (the year 9999) a date is a mistake, and its arithmetic would overflow.
constexpr double kLastSecond = 253'402'300'799.0;

std::optional<json::object> read_part(std::string_view text) {
    const auto bytes = from_base64url(text);
    if (!bytes) return std::nullopt;
    return parse_strict_object(text_of(*bytes), {.bytes = kMaxTokenBytes});
}

bool is_text(const json::value& value, std::string_view text) {
    return value.is_string() && value.get_string() == json::string_view(text.data(), text.size());
}

// A NumericDate (RFC 7519 §2): seconds since 1970, with a fraction perhaps.
Result<std::optional<Instant>, TokenError> date(const json::object& claims, const char* name) {
    const json::value* const value = claims.if_contains(name);
    if (value == nullptr) return std::optional<Instant>();
    if (!value->is_number()) return fail(TokenError::bad_claim);
    const auto seconds = value->to_number<double>();
    if (!(seconds >= 0) || seconds > kLastSecond) return fail(TokenError::bad_claim);
    return std::optional<Instant>(from_unix_us(std::llround(seconds * 1e6)));
}

Result<void, TokenError> check_audience(const json::object& claims, std::string_view expected) {
    const json::value* const value = claims.if_contains("aud");
    if (value != nullptr && !value->is_string() && !value->is_array()) {
        return fail(TokenError::bad_claim);
    }
    if (expected.empty()) return {};
    if (value == nullptr) return fail(TokenError::audience);
    if (is_text(*value, expected)) return {};
    if (!value->is_array()) return fail(TokenError::audience);
    for (const json::value& one : value->get_array()) {
        if (!one.is_string()) return fail(TokenError::bad_claim);
        if (is_text(one, expected)) return {};
    }
    return fail(TokenError::audience);
}

}  // namespace

std::string_view sentence(TokenError error) {
    switch (error) {
        case TokenError::malformed:
            return "it is no JSON Web Token";
        case TokenError::too_large:
            return "it is larger than 16384 bytes";
        case TokenError::algorithm:
            return "its algorithm is none that is served";
        case TokenError::critical:
            return "it has critical extensions, and none is known";
        case TokenError::unknown_key:
            return "no key is known for it";
        case TokenError::signature:
            return "its signature is wrong";
        case TokenError::expired:
            return "it has expired";
        case TokenError::not_yet_valid:
            return "it is not valid yet";
        case TokenError::issuer:
            return "it is of another issuer";
        case TokenError::audience:
            return "it is for another audience";
        case TokenError::bad_claim:
            return "exp, nbf, iat or aud is not of its type";
    }
    return {};
}

Result<Token, TokenError> parse_token(std::string_view compact) {
    if (compact.size() > kMaxTokenBytes) return fail(TokenError::too_large);
    const std::size_t first = compact.find('.');
    const std::size_t second =
        first == std::string_view::npos ? first : compact.find('.', first + 1);
    if (second == std::string_view::npos ||
        compact.find('.', second + 1) != std::string_view::npos) {
        return fail(TokenError::malformed);
    }
    const auto header = read_part(compact.substr(0, first));
    if (!header) return fail(TokenError::malformed);
    if (header->contains("crit")) return fail(TokenError::critical);
    const json::value* const name = header->if_contains("alg");
    if (name == nullptr || !name->is_string()) return fail(TokenError::malformed);
    const auto algorithm = algorithm_named({name->get_string().data(), name->get_string().size()});
    if (!algorithm) return fail(TokenError::algorithm);
    auto claims = read_part(compact.substr(first + 1, second - first - 1));
    auto signature = from_base64url(compact.substr(second + 1));
    if (!claims || !signature) return fail(TokenError::malformed);

    Token token{.algorithm = *algorithm,
                .signed_part = std::string(compact.substr(0, second)),
                .signature = *std::move(signature),
                .claims = *std::move(claims)};
    if (const json::value* const kid = header->if_contains("kid")) {
        if (!kid->is_string()) return fail(TokenError::malformed);
        token.key_id.assign(kid->get_string().data(), kid->get_string().size());
    }
    return token;
}

Result<void, TokenError> verify(const Token& token, std::span<const Key> keys) {
    bool tried = false;
    for (const Key& key : keys) {
        if (!token.key_id.empty() && !key.id().empty() && key.id() != token.key_id) continue;
        if (!key.fits(token.algorithm)) continue;
        tried = true;
        if (key.verifies(token.algorithm, bytes_of(token.signed_part), token.signature)) return {};
    }
    return fail(tried ? TokenError::signature : TokenError::unknown_key);
}

Result<void, TokenError> check_claims(const json::object& claims,
                                      const Expectation& expected,
                                      Instant now) {
    const auto expires = date(claims, "exp");
    const auto begins = date(claims, "nbf");
    const auto issued = date(claims, "iat");
    if (!expires || !begins || !issued) return fail(TokenError::bad_claim);
    if (*expires && now >= **expires + expected.leeway) return fail(TokenError::expired);
    if (*begins && now + expected.leeway < **begins) return fail(TokenError::not_yet_valid);
    if (*issued && now + expected.leeway < **issued) return fail(TokenError::not_yet_valid);
    if (!expected.issuer.empty()) {
        const json::value* const issuer = claims.if_contains("iss");
        if (issuer == nullptr || !is_text(*issuer, expected.issuer)) {
            return fail(TokenError::issuer);
        }
    }
    return check_audience(claims, expected.audience);
}

std::optional<Instant> expiry_of(const json::object& claims) {
    return date(claims, "exp").value_or(std::nullopt);
}

}  // namespace helio::crypto::jwt
