#include "bridge/identity/authorizers/jwt_authorizer.h"

#include "base/base64.h"
#include "bridge/policy/document.h"
#include "crypto/digest.h"
#include "tests/bridge/identity/authorizers/played_outside.h"

#include <boost/json.hpp>

namespace helio::bridge::identity::authorizers {
namespace {

using namespace std::chrono_literals;

constexpr char kSecret[] = "a secret of the tests, which is long enough";

std::string base64url(std::string_view text) {
    std::string out = to_base64(bytes_of(text));
    out.resize(std::min(out.size(), out.find('=')));
    for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return out;
}
std::string token(std::string_view claims, std::string_view secret = kSecret) {
    const std::string part = base64url(R"({"alg":"HS256"})") + '.' + base64url(claims);
    return part + '.' + base64url(text_of(crypto::hmac_sha256(bytes_of(secret), bytes_of(part))));
}

struct Fixture {
    PlayedOutside outside;
    policy::DocumentPtr document = *policy::parse_document(kPolicy);
    JwtAuthorizer authorizer{KeySource::fixed(*crypto::jwt::parse_keys(R"({"kty":"oct","k":")" +
                                                                       base64url(kSecret) + "\"}")),
                             {.issuer = "https://id.example", .audience = "hub"},
                             {.stored = "", .find = [this] { return document; }},
                             outside};

    Authorized ask(const AuthorizerRequest& request) {
        std::optional<Authorized> out;
        authorizer.authorize(
            request, outside.time, [&](Authorized result) { out = std::move(result); });
        REQUIRE(out);
        return *std::move(out);
    }
    Authorized ask(const std::string& compact) { return ask(AuthorizerRequest{.token = compact}); }
};

std::string claims(const std::string& more = "") {
    return R"({"iss":"https://id.example","aud":"hub","sub":"sensor-1","exp":1700000300)" + more +
           "}";
}
bool refused_for(const Authorized& result, std::string_view part) {
    return !result && result.error().why.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "the bearer is its token's subject, and its claims are policy variables",
                 "[authorizers]") {
    const auto granted = ask(token(claims(
        R"(,"site":"north","level":3,"admin":true,"address":{"city":"Bern"},"groups":["a",7,true],"odd":["a",{"b":1}])")));
    REQUIRE(granted);
    CHECK(granted->principal_id == "sensor-1");
    CHECK(granted->documents == std::vector<policy::DocumentPtr>{document});
    CHECK(granted->variables.at("jwt:sub").items == std::vector<std::string>{"sensor-1"});
    CHECK(granted->variables.at("jwt:site").items == std::vector<std::string>{"north"});
    CHECK(granted->variables.at("jwt:level").items == std::vector<std::string>{"3"});
    CHECK(granted->variables.at("jwt:admin").items == std::vector<std::string>{"true"});
    CHECK(granted->variables.at("jwt:address.city").items == std::vector<std::string>{"Bern"});
    CHECK(granted->variables.at("jwt:groups") ==
          policy::Claim{.items = {"a", "7", "true"}, .list = true});
    CHECK_FALSE(granted->variables.contains("jwt:odd"));
}

TEST_CASE_METHOD(Fixture, "a connection ends when its token expires", "[authorizers]") {
    CHECK(ask(token(claims()))->disconnect_after == 360s);  // a minute of leeway
    const std::string endless = R"({"iss":"https://id.example","aud":"hub","sub":"s"})";
    CHECK_FALSE(ask(token(endless))->disconnect_after);
}

TEST_CASE_METHOD(Fixture,
                 "a token is taken from its key, from a bearer header, or from the password",
                 "[authorizers]") {
    const std::string good = token(claims());
    CHECK(ask(AuthorizerRequest{
        .http = AuthorizerRequest::Http{.headers = {{"authorization", "Bearer " + good}}}}));
    CHECK(ask(AuthorizerRequest{
        .http = AuthorizerRequest::Http{.headers = {{"Authorization", "bearer " + good}}}}));
    CHECK(refused_for(
        ask(AuthorizerRequest{
            .http = AuthorizerRequest::Http{.headers = {{"Authorization", "Basic " + good}}}}),
        "no token"));
    const std::string login = to_base64(bytes_of("sensor-1:" + good));
    CHECK(ask(AuthorizerRequest{
        .http = AuthorizerRequest::Http{.headers = {{"Authorization", "Basic " + login}}}}));
    CHECK(ask(AuthorizerRequest{
        .mqtt = AuthorizerRequest::Mqtt{.password = Bytes(good.begin(), good.end())}}));
    CHECK(refused_for(ask(AuthorizerRequest{}), "no token"));
}

TEST_CASE_METHOD(Fixture,
                 "tokens that are expired, for others, of others or forged are refused",
                 "[authorizers]") {
    CHECK(
        refused_for(ask(token(claims(), "another secret that is long enough, too")), "signature"));
    CHECK(refused_for(ask(token(R"({"iss":"https://id.example","aud":"hub","sub":"s","exp":1})")),
                      "expired"));
    CHECK(refused_for(
        ask(token(R"({"iss":"https://id.example","aud":"hub","sub":"s","nbf":1800000000})")),
        "not valid yet"));
    CHECK(refused_for(ask(token(R"({"iss":"https://id.example","aud":"web","sub":"s"})")),
                      "audience"));
    CHECK(refused_for(ask(token(R"({"iss":"https://evil.example","aud":"hub","sub":"s"})")),
                      "issuer"));
    CHECK(refused_for(ask(token(R"({"iss":"https://id.example","aud":"hub"})")), "subject"));
    CHECK(
        refused_for(ask(token(R"({"iss":"https://id.example","aud":"hub","sub":7})")), "subject"));
    CHECK(refused_for(ask(base64url(R"({"alg":"none"})") + "." + base64url(claims()) + "."),
                      "algorithm"));
    CHECK(refused_for(ask("no token at all"), "no JSON Web Token"));
    document = nullptr;
    CHECK(refused_for(ask(token(claims())), "policy does not exist"));
    outside.full = true;
    CHECK(ask(token(claims())).error().kind == Refusal::Kind::busy);
}

TEST_CASE("of many or long claims only so many become variables", "[authorizers]") {
    boost::json::object many;
    for (int i = 0; i < 500; ++i) many["c" + std::to_string(i)] = i;
    CHECK(variables_of(many).size() == 64);
    CHECK(variables_of({{"long", std::string(2000, 'x')}}).empty());
    CHECK(variables_of({{std::string(200, 'n'), "x"}}).empty());
    CHECK(variables_of({{"list", boost::json::array(256, "x")}}).size() == 1);
    CHECK(variables_of({{"list", boost::json::array(257, "x")}}).empty());
    CHECK(variables_of({{"list", {"short", std::string(2000, 'x')}}}).empty());
}

}  // namespace helio::bridge::identity::authorizers
