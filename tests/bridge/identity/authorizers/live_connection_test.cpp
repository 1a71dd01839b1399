// Connections that a custom authorizer let in, as their clients feel it: over a broker, with time
// that passes as the test says.
#include "base/base64.h"
#include "bridge/identity/authorizers/custom_checker.h"
#include "bridge/identity/authorizers/jwt_authorizer.h"
#include "bridge/identity/policy_authorizer.h"
#include "bridge/payload/codec_client.h"
#include "bridge/policy/document.h"
#include "crypto/digest.h"
#include "tests/bridge/identity/authorizers/played_outside.h"
#include "tests/bridge/mqtt/support/broker_fixture.h"

#include <algorithm>
#include <array>

namespace helio::bridge::identity::authorizers {
namespace {

using namespace std::chrono_literals;
using mqtt::testing::BrokerFixture;
using mqtt::testing::Client;
using mqtt::testing::Lines;

constexpr char kSecret[] = "a secret of the tests, which is long enough";
const Lines kEnded{"DISCONNECT maximum connect time"};

std::string base64url(std::string_view text) {
    std::string out = to_base64(bytes_of(text));
    out.resize(std::min(out.size(), out.find('=')));
    for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return out;
}
std::string token(const std::string& claims) {
    const std::string part =
        base64url(R"({"alg":"HS256"})") + '.' + base64url(R"({"sub":"s")" + claims + "}");
    return part + '.' + base64url(text_of(crypto::hmac_sha256(bytes_of(kSecret), bytes_of(part))));
}

// Nothing but what the authorizers give.
struct OwnDocuments final : PolicySource {
    std::uint64_t generation() const override { return 1; }
    std::vector<NamedDocument> documents_of(const Principal& who) const override {
        std::vector<NamedDocument> out;
        for (const auto& document : who.documents) out.push_back({"", document});
        return out;
    }
    std::optional<ThingFacts> thing_of(const Principal&) const override { return std::nullopt; }
};

struct NoHost final : payload::CodecHostPort {
    bool start() override { return false; }
    void send(std::string) override {}
    void kill() override {}
};

struct World : BrokerFixture {
    World() {
        access.instead = &authorizer;
        access.identify = [this](const mqtt::ConnectRequest& request) {
            mqtt::IdentityPtr out;
            checker.check(credentials_of(request), now, [&](const Identified& who, Instant) {
                if (who) out = *who;
            });
            if (!outside.waiting.empty()) outside.reply(200, answer);
            return out;
        };
        proto::Authorizer jwt;
        jwt.set_name("jwt");
        jwt.set_signing_disabled(true);
        jwt.set_token_key_name("token");
        set.add_configured(
            jwt,
            std::make_shared<JwtAuthorizer>(
                KeySource::fixed(
                    *crypto::jwt::parse_keys(R"({"kty":"oct","k":")" + base64url(kSecret) + "\"}")),
                crypto::jwt::Expectation{},
                JwtPolicy{.stored = "", .find = [this] { return *documents.get(kPolicy); }},
                outside));
        proto::Authorizer http;
        http.set_name("http");
        http.set_function_arn("http://127.0.0.1:9/");
        http.set_signing_disabled(true);
        REQUIRE(set.create(http, now));
    }

    Client& come(const std::string& query) {
        Client& c = client("c").connect({.user_name = "u?x-amz-customauthorizer-name=" + query});
        turn();
        CHECK(c.take() == Lines{"CONNACK 0"});
        return c;
    }
    void pass(Duration time) {
        outside.time += time;
        advance(time);
        grants.on_time(now);
        turn();
    }
    std::string yes(const std::string& action, const std::string& times) const {
        return R"({"isAuthenticated":true,"principalId":"p1",)" + times +
               R"("policyDocuments":[{"Version":"2012-10-17","Statement":[)"
               R"({"Effect":"Allow","Action":)" +
               action + R"(,"Resource":"*"}]}]})";
    }

    PlayedOutside outside;
    NoHost host;
    payload::CodecClient scripts{host};
    DocumentCache documents{[](std::string_view text) { return policy::parse_document(text); }};
    store::MemoryLog authorizer_log;
    store::Store authorizer_store{std::array{kAuthorizerTable}, authorizer_log};
    AuthorizerSet set{authorizer_store,
                      AuthorizerSet::Parts{
                          outside,
                          scripts,
                          {&documents},
                          [](const std::string&) { return Result<std::string, std::string>(""); }},
                      {}};
    LiveGrants grants{set, [this](const auto& principals, Instant at) {
                          broker->kick_if(
                              [&](const mqtt::Identity* who, std::string_view) {
                                  return std::ranges::find(principals, who) != principals.end();
                              },
                              mqtt::ReasonCode::maximum_connect_time,
                              at);
                      }};
    CustomChecker checker{
        CustomChecker::Serves::clients_that_name_one, set, grants, crypto::seeded_random(1)};
    OwnDocuments source;
    PolicyAuthorizer authorizer{
        source, policy::Arns("us-east-1", "123456789012"), [this] { return now; }};
    std::string answer;
};

}  // namespace

TEST_CASE("a connection by a JSON Web Token ends when the token has expired", "[authorizers]") {
    World world;
    Client& c = world.come("jwt&token=" + token(R"(,"exp":1700000300)"));
    world.pass(359s);  // a minute of leeway
    CHECK(c.publish("t", "x", 1, 1).take() == Lines{"PUBACK 1 no matching subscribers"});
    world.pass(1s);
    CHECK(c.take() == kEnded);
    CHECK(c.ended());
}

TEST_CASE("a connection by a token without an end goes on", "[authorizers]") {
    World world;
    Client& c = world.come("jwt&token=" + token(""));
    world.pass(48h);
    CHECK_FALSE(c.ended());
    CHECK(world.grants.size() == 0);
}

TEST_CASE("a token of the year 9999 is good, and one that ends after all time is none",
          "[authorizers]") {
    World world;
    const std::pair<const char*, const char*> cases[] = {{"253402300799", "CONNACK 0"},
                                                         {"9007199254740991", "CONNACK 135"},
                                                         {"9223372036854775807", "CONNACK 135"},
                                                         {"1e18", "CONNACK 135"}};
    for (const auto& [end, answer] : cases) {
        INFO(end);
        const std::string query = "jwt&token=" + token(std::string(R"(,"exp":)") + end);
        Client& c =
            world.client("c").connect({.user_name = "u?x-amz-customauthorizer-name=" + query});
        world.turn();
        CHECK(c.take() == Lines{answer});
        world.pass(1s);
        CHECK(c.ended() == (std::string_view(answer) != "CONNACK 0"));
        c.vanish();
    }
}

TEST_CASE("what an authorizer says when it is asked again counts for the live connection",
          "[authorizers]") {
    World world;
    const std::string times = R"("refreshAfterInSeconds":300,"disconnectAfterInSeconds":900,)";
    world.answer = world.yes(R"(["iot:Connect","iot:Publish"])", times);
    Client& c = world.come("http");
    CHECK(c.publish("t", "x", 1, 1).take() == Lines{"PUBACK 1 no matching subscribers"});

    world.pass(300s);
    REQUIRE(world.outside.waiting.size() == 1);
    CHECK(c.publish("t", "x", 1, 2).take() == Lines{"PUBACK 2 no matching subscribers"});
    world.outside.reply(200, world.yes(R"("iot:Connect")", times));
    CHECK(c.publish("t", "x", 1, 3).take() == Lines{"PUBACK 3 not authorized"});

    world.pass(300s);
    world.outside.reply(200, world.yes(R"("iot:*")", times));
    CHECK(c.publish("t", "x", 1, 4).take() == Lines{"PUBACK 4 no matching subscribers"});
    world.pass(300s);  // fifteen minutes from the connect on
    CHECK(c.take() == kEnded);
}

TEST_CASE("a connection ends when its authorizer says no to it later", "[authorizers]") {
    World world;
    const std::string times = R"("refreshAfterInSeconds":300,)";
    for (const auto& [status, body] :
         {std::pair<int, std::string>{200, R"({"isAuthenticated":false})"},
          {500, ""},
          {0, "timed out"}}) {
        world.answer = world.yes(R"("iot:*")", times);
        Client& c = world.come("http");
        world.pass(300s);
        CHECK_FALSE(c.ended());
        world.outside.reply(status, body);
        world.pass(0s);
        CHECK(c.take() == kEnded);
    }
}

}  // namespace helio::bridge::identity::authorizers
