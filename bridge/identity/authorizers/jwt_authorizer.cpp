#include "bridge/identity/authorizers/jwt_authorizer.h"

#include "base/base64.h"

#include <boost/json.hpp>

namespace helio::bridge::identity::authorizers {
namespace {

namespace json = boost::json;
namespace jwt = crypto::jwt;

constexpr std::size_t kMaxVariables = 64;
constexpr std::size_t kMaxVariable = 1024;
constexpr std::size_t kMaxItems = 256;
constexpr std::size_t kMaxName = 128;

std::optional<std::string> text_of_claim(const json::value& value) {
    if (value.is_number() || value.is_bool()) return json::serialize(value);
    if (!value.is_string() || value.get_string().size() > kMaxVariable) return std::nullopt;
    return std::string(value.get_string());
}

// Of a list whose rest would be missed, nothing: a Deny may have been for it.
std::optional<policy::Claim> claim_of(const json::value& value) {
    policy::Claim out{.list = value.is_array()};
    if (!out.list) {
        auto text = text_of_claim(value);
        if (!text) return std::nullopt;
        out.items.push_back(*std::move(text));
        return out;
    }
    if (value.get_array().size() > kMaxItems) return std::nullopt;
    for (const json::value& item : value.get_array()) {
        auto text = text_of_claim(item);
        if (!text) return std::nullopt;
        out.items.push_back(*std::move(text));
    }
    return out;
}

void add_variables(const json::object& object,
                   const std::string& prefix,
                   int depth,
                   policy::Claims& out) {
    for (const auto& [name, value] : object) {
        if (out.size() == kMaxVariables) return;
        std::string key = prefix + std::string(name.data(), name.size());
        if (key.size() > kMaxName) continue;
        if (value.is_object()) {
            if (depth > 1) add_variables(value.get_object(), key + '.', depth - 1, out);
        } else if (auto claim = claim_of(value)) {
            out[std::move(key)] = *std::move(claim);
        }
    }
}

// What stands behind the scheme, whose case does not matter (RFC 9110 11.1).
std::optional<std::string> authorization(const AuthorizerRequest& request,
                                         std::string_view scheme) {
    if (!request.http) return std::nullopt;
    const auto header = net::find_header(request.http->headers, "authorization");
    if (!header || header->size() <= scheme.size()) return std::nullopt;
    for (std::size_t i = 0; i < scheme.size(); ++i) {
        if (((*header)[i] | 0x20) != scheme[i] && (*header)[i] != scheme[i]) return std::nullopt;
    }
    return std::string(header->substr(scheme.size()));
}

std::optional<std::string> basic_password(const AuthorizerRequest& request) {
    const auto digits = authorization(request, "basic ");
    const auto login = digits ? from_base64(*digits) : std::nullopt;
    if (!login) return std::nullopt;
    const std::string_view text = text_of(*login);
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) return std::nullopt;
    return std::string(text.substr(colon + 1));
}

std::optional<std::string> token_of(const AuthorizerRequest& request) {
    if (request.token) return request.token;
    if (auto token = authorization(request, "bearer ")) return token;
    if (auto token = basic_password(request)) return token;
    if (request.mqtt && request.mqtt->password) {
        return std::string(text_of(*request.mqtt->password));
    }
    return std::nullopt;
}

std::string name_of(const json::object& claims) {
    const json::value* const subject = claims.if_contains("sub");
    if (subject == nullptr || !subject->is_string()) return {};
    const std::string name(subject->get_string());
    return name.size() <= kMaxName ? name : std::string();
}

}  // namespace

struct JwtAuthorizer::State {
    std::shared_ptr<KeySource> keys;
    jwt::Expectation expected;
    JwtPolicy policy;
    Outside* outside;

    Authorized grant(const jwt::Token& token) const {
        const Instant now = outside->now();
        const auto checked = jwt::check_claims(token.claims, expected, now);
        if (!checked) return refuse("of its token: " + std::string(sentence(checked.error())));
        Granted out{.principal_id = name_of(token.claims), .variables = variables_of(token.claims)};
        if (out.principal_id.empty()) {
            return refuse("its token has no subject (sub) of 1 to 128 characters");
        }
        auto document = policy.find();
        if (!document) return refuse("the authorizer's policy does not exist");
        out.documents.push_back(std::move(document));
        if (!policy.stored.empty()) out.policies.push_back(policy.stored);
        if (const auto expiry = jwt::expiry_of(token.claims)) {
            out.disconnect_after = std::max(*expiry + expected.leeway - now, Duration(0));
        }
        return out;
    }
};

JwtAuthorizer::JwtAuthorizer(std::shared_ptr<KeySource> keys,
                             jwt::Expectation expected,
                             JwtPolicy policy,
                             Outside& outside)
    : state_(std::make_shared<State>(
          State{std::move(keys), std::move(expected), std::move(policy), &outside})) {}

void JwtAuthorizer::authorize(const AuthorizerRequest& request, Instant now, Answer answer) {
    const auto compact = token_of(request);
    if (!compact) return answer(refuse("there is no token"));
    auto parsed = jwt::parse_token(*compact);
    if (!parsed) {
        return answer(refuse("of its token: " + std::string(sentence(parsed.error()))));
    }
    // What needs no key is said at once: expired tokens are many.
    const auto checked = jwt::check_claims(parsed->claims, state_->expected, now);
    if (!checked) {
        return answer(refuse("of its token: " + std::string(sentence(checked.error()))));
    }
    const auto token = std::make_shared<const jwt::Token>(*std::move(parsed));
    state_->keys->keys(
        token->key_id, now, [state = state_, token, answer = std::move(answer)](const Keys& keys) {
            if (!keys) {
                return answer(
                    refuse("the issuer's keys cannot be had: " + state->keys->last_error()));
            }
            const auto verdict = std::make_shared<Result<void, jwt::TokenError>>();
            const bool taken = state->outside->run(
                [token, keys, verdict] { *verdict = jwt::verify(*token, *keys); },
                [state, token, verdict, answer] {
                    if (!*verdict) {
                        return answer(
                            refuse("of its token: " + std::string(sentence(verdict->error()))));
                    }
                    answer(state->grant(*token));
                });
            if (!taken) answer(refuse("too many tokens wait", Refusal::Kind::busy));
        });
}

policy::Claims variables_of(const json::object& claims) {
    policy::Claims out;
    add_variables(claims, "jwt:", 3, out);
    return out;
}

}  // namespace helio::bridge::identity::authorizers
