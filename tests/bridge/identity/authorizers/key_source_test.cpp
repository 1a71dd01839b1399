#include "bridge/identity/authorizers/key_source.h"

#include "tests/bridge/identity/authorizers/played_outside.h"
#include "tests/crypto/jwt/example_tokens.h"

namespace helio::bridge::identity::authorizers {
namespace {

using namespace std::chrono_literals;

std::string jwk(const char* text, const std::string& id) {
    return std::string(text).insert(1, R"("kid":")" + id + "\",");
}
std::string set_of(const std::string& keys) { return R"({"keys":[)" + keys + "]}"; }

struct Fixture {
    PlayedOutside outside;
    std::shared_ptr<KeySource> source = KeySource::at_address(outside, "https://id.example/keys");
    std::vector<Keys> got;

    void ask(std::string_view key_id) {
        source->keys(key_id, outside.time, [this](Keys keys) { got.push_back(std::move(keys)); });
    }
};

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "keys are fetched once, whoever asks meanwhile waits for the same fetch",
                 "[authorizers]") {
    for (int i = 0; i < 100; ++i) ask("new");
    CHECK(outside.calls.size() == 1);
    CHECK(outside.calls[0].url == "https://id.example/keys");
    CHECK(got.empty());
    outside.reply(200, set_of(jwk(test::kEcJwk, "new")));
    REQUIRE(got.size() == 100);
    CHECK(got[99]->size() == 1);
    ask("new");
    ask("");
    CHECK(got.size() == 102);
    CHECK(outside.calls.size() == 1);
}

TEST_CASE_METHOD(
    Fixture,
    "a key that is not known is fetched at once, invented ones at most every half a minute",
    "[authorizers]") {
    ask("k1");
    outside.reply(200, set_of(jwk(test::kEcJwk, "k1")));
    outside.time += 31s;
    ask("k2");
    CHECK(outside.calls.size() == 2);
    outside.reply(200, set_of(jwk(test::kEcJwk, "k1") + "," + jwk(test::kRsaJwk, "k2")));
    CHECK(got.back()->size() == 2);
    for (int i = 0; i < 50; ++i) ask("invented" + std::to_string(i));
    CHECK(outside.calls.size() == 2);
    CHECK(got.size() == 52);
}

TEST_CASE_METHOD(Fixture,
                 "old keys are fetched again in the background, and stay good where that fails",
                 "[authorizers]") {
    ask("k1");
    outside.reply(200, set_of(jwk(test::kEcJwk, "k1")));
    outside.time += 11min;
    ask("k1");
    CHECK(got.size() == 2);  // nobody waits
    CHECK(outside.calls.size() == 2);
    outside.reply(0, "connection refused");
    ask("k1");
    REQUIRE(got.size() == 3);
    CHECK(got.back()->size() == 1);
    CHECK(source->stats().failed == 1);
    outside.time += 31s;
    ask("k1");
    outside.reply(500, "");
    outside.time += 31s;
    ask("k1");
    outside.reply(200, std::string(300'000, '['));
    ask("k1");
    CHECK(got.back());
}

TEST_CASE_METHOD(Fixture, "without any keys everybody is told so", "[authorizers]") {
    ask("k1");
    outside.reply(404, "");
    REQUIRE(got.size() == 1);
    CHECK_FALSE(got[0]);
    CHECK(source->last_error().find("404") != std::string::npos);
    outside.full = true;
    outside.time += 31s;
    ask("k1");
    CHECK(got.size() == 2);
}

TEST_CASE_METHOD(Fixture, "secrets that an address gives away are no keys", "[authorizers]") {
    ask("k1");
    outside.reply(200, set_of(jwk(test::kSecretJwk, "k1")));
    REQUIRE(got.size() == 1);
    CHECK(got[0]->empty());
}

TEST_CASE("keys of an issuer are found by OpenID discovery, which must be that issuer's own",
          "[authorizers]") {
    PlayedOutside outside;
    std::vector<Keys> got;
    const auto source = KeySource::of_issuer(outside, "https://id.example/tenant/");
    const auto ask = [&] {
        outside.time += 31s;
        source->keys("k1", outside.time, [&](Keys keys) { got.push_back(std::move(keys)); });
    };
    struct Row {
        const char* configuration;
        const char* error;
    };
    for (const Row& row :
         {Row{R"({"issuer":"https://other.example","jwks_uri":"https://id.example/k"})",
              "another issuer"},
          {R"({"issuer":"https://id.example/tenant","jwks_uri":"https://id.example/k"})",
           "another issuer"},
          {R"({"issuer":"https://id.example/tenant/"})", "jwks_uri"},
          {R"({"issuer":"https://id.example/tenant/","jwks_uri":"http://id.example/k"})",
           "jwks_uri"},
          {R"({"issuer":"https://id.example/tenant/","jwks_uri":"file:///etc/keys"})", "jwks_uri"},
          {"[]", "no JSON object"}}) {
        ask();
        outside.reply(200, row.configuration);
        CHECK_FALSE(got.back());
        CHECK(source->last_error().find(row.error) != std::string::npos);
    }
    CHECK(outside.calls.front().url ==
          "https://id.example/tenant/.well-known/openid-configuration");
    ask();
    outside.reply(200,
                  R"({"issuer":"https://id.example/tenant/","jwks_uri":"https://keys.example/k"})");
    CHECK(outside.calls.back().url == "https://keys.example/k");
    outside.reply(200, set_of(jwk(test::kEcJwk, "k1")));
    REQUIRE(got.back());
    CHECK(got.back()->size() == 1);
}

}  // namespace helio::bridge::identity::authorizers
