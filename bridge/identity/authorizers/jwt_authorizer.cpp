#include "bridge/identity/authorizers/jwt_authorizer.h"

#include <boost/json.hpp>

namespace helio::bridge::identity::authorizers {
namespace {

namespace json = boost::json;
namespace jwt = crypto::jwt;

constexpr std::size_t kMaxVariables = 64;
constexpr std::size_t kMaxVariable = 1024;
constexpr std::size_t kMaxName = 128;

void add_variables(const json::object& object,
                   const std::string& prefix,
                   int depth,
                   std::map<std::string, std::string>& out) {
    for (const auto& [name, value] : object) {
        if (out.size() == kMaxVariables) return;
        std::string key = prefix + std::string(name.data(), name.size());
        if (key.size() > kMaxName) continue;
        if (value.is_object()) {
            if (depth > 1) add_variables(value.get_object(), key + '.', depth - 1, out);
        } else if (value.is_string()) {
            if (value.get_string().size() <= kMaxVariable) {
                out[std::move(key)] = std::string(value.get_string());
            }
        } else if (value.is_number() || value.is_bool()) {
            out[std::move(key)] = json::serialize(value);
        }
    }
}

std::optional<std::string> bearer(const AuthorizerRequest& request) {
    if (!request.http) return std::nullopt;
    const auto header = net::find_header(request.http->headers, "authorization");
    constexpr std::string_view kScheme = "bearer ";
    if (!header || header->size() <= kScheme.size()) return std::nullopt;
    for (std::size_t i = 0; i < kScheme.size(); ++i) {
        if (((*header)[i] | 0x20) != kScheme[i] && (*header)[i] != kScheme[i]) return std::nullopt;
    }
    return std::string(header->substr(kScheme.size()));
}

std::optional<std::string> token_of(const AuthorizerRequest& request) {
    if (request.token) return request.token;
    if (auto token = bearer(request)) return token;
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
    FindPolicy policy;
    Outside* outside;

    Authorized grant(const jwt::Token& token) const {
        const Instant now = outside->now();
        const auto checked = jwt::check_claims(token.claims, expected, now);
        if (!checked) return refuse("of its token: " + std::string(sentence(checked.error())));
        Granted out{.principal_id = name_of(token.claims), .variables = variables_of(token.claims)};
        if (out.principal_id.empty()) {
            return refuse("its token has no subject (sub) of 1 to 128 characters");
        }
        auto document = policy();
        if (!document) return refuse("the authorizer's policy does not exist");
        out.documents.push_back(std::move(document));
        if (const auto expiry = jwt::expiry_of(token.claims)) {
            out.disconnect_after = std::max(*expiry + expected.leeway - now, Duration(0));
        }
        return out;
    }
};

JwtAuthorizer::JwtAuthorizer(std::shared_ptr<KeySource> keys,
                             jwt::Expectation expected,
                             FindPolicy policy,
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

std::map<std::string, std::string> variables_of(const json::object& claims) {
    std::map<std::string, std::string> out;
    add_variables(claims, "jwt:", 3, out);
    return out;
}

}  // namespace helio::bridge::identity::authorizers
