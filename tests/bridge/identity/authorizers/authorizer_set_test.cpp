#include "bridge/identity/authorizers/authorizer_set.h"

#include "base/store/memory_log.h"
#include "bridge/identity/authorizers/custom_checker.h"
#include "bridge/payload/codec_client.h"
#include "bridge/policy/document.h"
#include "tests/bridge/identity/authorizers/played_outside.h"

namespace helio::bridge::identity::authorizers {
namespace {

using namespace std::chrono_literals;
using Kind = AuthorizerError::Kind;

// A key of the tests and what it signed; made with Python's `cryptography`.
constexpr char kToken[] = "token-of-a-test";
constexpr char kSigningKey[] = R"(-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAutkTo3Z5do6gLCxAIk7a
xQzO/YUbNsJ2kA+MP6hLSpQyCC6tzIZb18+IKlFPGQu5SHUiJMTd/+XipwarwFV8
zkHnVbpahfF1eGvPZKBQH3WoSDzhsZBaIQuQJzkxx6rUNjlsANAJTc/uL6OolOG5
glqlYJaD7iUWWgK6Zo1oUlvdNCJRm2G06mFeE+jY5wbCqqUpanv/Vj18J19/2Nmc
FHtsXJub6BlfbTWEnf4nGnNaJdsnpjYldX5KIKOsS3hEn3pp+h+5K2YxxJAfsZly
gVQUnNwsCO+1KMSbVWOj44pkl1b67pNDBp4z+gm2tODP8UJHTLiD0CfwlEZxAm+Z
wQIDAQAB
-----END PUBLIC KEY-----
)";
constexpr char kSignature[] =
    "qMWovzgShhr90cpk2/tBMES65UyrFUcdu2ckYNPR9Sx7BKR4iVvg8EKy73OwU9B1rXWR9V5DUBusFGOs+YNTPmXD3K4J"
    "PykkCPyoYzBLi/E5+nlEuPgvQNi9Kc0xE71Dca7uKyVqW4qIOFFQq5OBqLp0cZPdkh74HiflpEeX/rwOdC/q0dkUmR2H"
    "tlPdjYrZB5IzRIoeJMotFHrdohVc1xKxm4Uch/GwrrD6ux8BTWwQyZle1Ziw4Jlzs25ZOetygxkjQi/7ueJrP24Z+VMX"
    "/p2iplAFMceSljkNBHAv83a94P01zA2cN62MjSjZec4y+2fxzlcbQRiAhO7SDfiH9A==";

struct NoHost final : payload::CodecHostPort {
    bool start() override { return false; }
    void send(std::string) override {}
    void kill() override {}
};

proto::Authorizer open_one(const std::string& name) {
    proto::Authorizer out;
    out.set_name(name);
    out.set_function_arn("http://127.0.0.1:9/" + name);
    out.set_signing_disabled(true);
    return out;
}
proto::Authorizer signed_one(const std::string& name) {
    proto::Authorizer out = open_one(name);
    out.set_signing_disabled(false);
    out.set_token_key_name("tok");
    (*out.mutable_token_signing_public_keys())["k1"] = kSigningKey;
    return out;
}

std::string yes(const std::string& more = "") {
    return R"({"isAuthenticated":true,"principalId":"p1","policyDocuments":[)" +
           std::string(kPolicy) + "]" + more + "}";
}

struct Fixture {
    store::MemoryLog log;
    store::Store store{std::array{kAuthorizerTable}, log};
    PlayedOutside outside;
    NoHost host;
    payload::CodecClient scripts{host};
    DocumentCache documents{[](std::string_view text) { return policy::parse_document(text); }};
    AuthorizerSet::Parts parts{
        outside, scripts, {&documents}, [](const std::string& name) {
            return name == "known" ? Result<std::string, std::string>("function handler() {}")
                                   : fail("There is no script " + name + ".js.");
        }};
    AuthorizerSet set{store, parts, {.max_running = 3}};
    std::vector<const Principal*> ended;
    LiveGrants grants{set, [this](const auto& principals, Instant) { ended = principals; }};
    CustomChecker named{
        CustomChecker::Serves::clients_that_name_one, set, grants, crypto::seeded_random(1)};
    CustomChecker rest{CustomChecker::Serves::the_rest, set, grants, crypto::seeded_random(2)};
    std::vector<Identified> answers;

    void knock(const std::string& user_name, Way way = Way::mqtt) {
        const Credentials shown{.way = way, .client_id = "c", .user_name = user_name};
        REQUIRE(named.is_for(shown));
        named.check(shown, outside.time, [this](Identified who, Instant) {
            answers.push_back(std::move(who));
        });
    }
    std::string why() const { return answers.back() ? "" : answers.back().error().why; }
};

std::string user(const std::string& more) { return "u?x-amz-customauthorizer-name=mine" + more; }
std::string signed_user() {
    std::string signature;
    for (const char c : std::string(kSignature)) {
        signature += c == '+' ? "%2B" : c == '/' ? "%2F" : c == '=' ? "%3D" : std::string(1, c);
    }
    return user("&tok=" + std::string(kToken) + "&x-amz-customauthorizer-signature=" + signature);
}

}  // namespace

TEST_CASE_METHOD(Fixture,
                 "a token's signature is checked before its authorizer hears of it",
                 "[authorizers]") {
    REQUIRE(set.create(signed_one("mine"), outside.time));
    for (const std::string& wrong :
         {user(""),
          user("&tok=token-of-a-test"),
          user("&x-amz-customauthorizer-signature=AAAA"),
          signed_user().replace(signed_user().find("token-of"), 5, "Token"),
          user("&tok=token-of-a-test&x-amz-customauthorizer-signature=!")}) {
        knock(wrong);
        CHECK(why().find("signature") != std::string::npos);
    }
    CHECK(outside.calls.empty());
    CHECK(set.stats().bad_signatures == 5);

    knock(signed_user());
    REQUIRE(outside.calls.size() == 1);
    CHECK(outside.calls[0].method == "POST");
    CHECK(outside.calls[0].url == "http://127.0.0.1:9/mine");
    CHECK(outside.calls[0].timeout == 5s);
    CHECK(outside.calls[0].body.find(R"("token":"token-of-a-test","signatureVerified":true)") !=
          std::string::npos);
    outside.reply(200, yes());
    REQUIRE(answers.back());
    CHECK((*answers.back())->kind() == PrincipalKind::custom);
    CHECK((*answers.back())->name() == "p1");
    CHECK((*answers.back())->documents.size() == 1);
    // '+' as it stands in base64, as many clients send it
    knock(user("&tok=" + std::string(kToken) + "&x-amz-customauthorizer-signature=" + kSignature));
    CHECK(outside.calls.size() == 2);
}

TEST_CASE_METHOD(
    Fixture,
    "an unknown or inactive authorizer refuses, as does every answer that is not 200 with a yes",
    "[authorizers]") {
    knock(user(""));
    CHECK(why().find("no active authorizer") != std::string::npos);
    auto record = open_one("mine");
    REQUIRE(set.create(record, outside.time));
    const std::pair<int, std::string> replies[] = {{200, R"({"isAuthenticated":false})"},
                                                   {200, "no"},
                                                   {403, yes()},
                                                   {302, yes()},
                                                   {0, "timed out"},
                                                   {500, ""}};
    for (const auto& [status, body] : replies) {
        knock(user(""));
        outside.reply(status, body);
        CHECK_FALSE(answers.back());
        CHECK(answers.back().error().kind == Refusal::Kind::not_authorized);
    }
    record.set_inactive(true);
    REQUIRE(set.update(record, outside.time));
    knock(user(""));
    CHECK(why().find("no active authorizer") != std::string::npos);
}

TEST_CASE_METHOD(Fixture,
                 "a call ends after five seconds, and so many are on their way at most",
                 "[authorizers]") {
    REQUIRE(set.create(open_one("mine"), outside.time));
    REQUIRE(set.create(open_one("other"), outside.time));
    for (int i = 0; i < 3; ++i) knock(user(""));
    CHECK(answers.empty());
    knock(user(""));
    REQUIRE(answers.size() == 1);
    CHECK(answers[0].error().kind == Refusal::Kind::busy);
    knock("u?x-amz-customauthorizer-name=other");  // another authorizer has its own room
    CHECK(answers.size() == 1);

    CHECK(set.on_time(outside.time + 4s) == outside.time + 5s);
    CHECK(answers.size() == 1);
    CHECK_FALSE(set.on_time(outside.time + 5s));
    CHECK(answers.size() == 5);
    CHECK(set.stats().timed_out == 4);
    CHECK(set.running() == 0);
    outside.reply(200, yes());  // too late
    CHECK(answers.size() == 5);
    knock(user(""));
    CHECK(answers.size() == 5);
    outside.full = true;
    knock(user(""));
    CHECK(answers.back().error().kind == Refusal::Kind::busy);
}

TEST_CASE_METHOD(Fixture,
                 "a connection is asked for again, gets its new policies, and ends at its time",
                 "[authorizers]") {
    REQUIRE(set.create(open_one("mine"), outside.time));
    knock(user(""));
    outside.reply(200, yes(R"(,"refreshAfterInSeconds":300,"disconnectAfterInSeconds":700)"));
    const PrincipalPtr who = answers.back().value();
    const auto before = who->documents;
    answers.clear();
    CHECK(grants.on_time(outside.time) == outside.time + 300s);

    outside.time += 300s;
    grants.on_time(outside.time);
    REQUIRE(outside.calls.size() == 2);
    outside.reply(
        200,
        R"({"isAuthenticated":true,"principalId":"p1","refreshAfterInSeconds":300,"disconnectAfterInSeconds":86400,"policyDocuments":[{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"iot:*","Resource":"*"}]}]})");
    CHECK(who->documents != before);
    CHECK(ended.empty());

    outside.time += 300s;
    grants.on_time(outside.time);
    outside.reply(200, yes(R"(,"refreshAfterInSeconds":300)"));
    CHECK(who->documents == before);
    outside.time += 100s;  // 700 s from the connect on, whatever was said later
    grants.on_time(outside.time);
    CHECK(ended == std::vector<const Principal*>{who.get()});
}

TEST_CASE_METHOD(
    Fixture,
    "a connection ends where its authorizer says no, or somebody else, when asked again",
    "[authorizers]") {
    REQUIRE(set.create(open_one("mine"), outside.time));
    for (const std::string& second : {std::string(R"({"isAuthenticated":false})"),
                                      yes().replace(yes().find("\"p1\""), 4, "\"p2\"")}) {
        ended.clear();
        knock(user(""));
        outside.reply(200, yes(R"(,"refreshAfterInSeconds":300)"));
        const PrincipalPtr who = answers.back().value();
        answers.clear();
        outside.time += 300s;
        grants.on_time(outside.time);
        outside.reply(200, second);
        grants.on_time(outside.time);
        CHECK(ended == std::vector<const Principal*>{who.get()});
    }
    // A connection that is gone is asked for no more.
    knock(user(""));
    outside.reply(200, yes(R"(,"refreshAfterInSeconds":300)"));
    answers.clear();
    const std::size_t calls = outside.calls.size();
    outside.time += 300s;
    grants.on_time(outside.time);
    CHECK(outside.calls.size() == calls);
    CHECK(grants.size() == 0);
}

TEST_CASE_METHOD(Fixture,
                 "the default authorizer serves who names none, but not who shows nothing",
                 "[authorizers]") {
    CHECK_FALSE(rest.is_for({.user_name = "u"}));
    REQUIRE(set.create(open_one("mine"), outside.time));
    REQUIRE(set.set_default("mine", outside.time));
    CHECK(rest.is_for({.user_name = "u"}));
    CHECK(rest.is_for({.password = Bytes{1}}));
    CHECK(rest.is_for({.alpn = "mqtt"}));
    CHECK_FALSE(rest.is_for({.loopback = true}));
    const auto request = [](net::HttpHeaders headers) {
        return Credentials{
            .way = Way::http,
            .http = std::make_shared<net::HttpRequest>(net::HttpRequest{
                .method = "POST", .target = "/topics/a", .headers = std::move(headers)})};
    };
    CHECK(rest.is_for(request({{"Authorization", "Bearer x"}})));
    CHECK_FALSE(rest.is_for(request({{"Authorization", "AWS4-HMAC-SHA256 Credential=x"}})));
    CHECK_FALSE(rest.is_for(request({})));
    rest.check(
        {.user_name = "u"}, outside.time, [&](Identified who, Instant) { answers.push_back(who); });
    CHECK(outside.calls.at(0).url == "http://127.0.0.1:9/mine");
    CHECK(set.remove("mine").error().kind == Kind::conflict);
    REQUIRE(set.clear_default());
    CHECK(set.default_one() == nullptr);
}

TEST_CASE_METHOD(Fixture,
                 "HTTP requests are let in without a call only where caching is on, and for a time",
                 "[authorizers]") {
    auto record = open_one("mine");
    record.set_token_key_name("tok");
    const auto publish = [&](const std::string& token) {
        const Credentials shown{
            .way = Way::http,
            .http = std::make_shared<net::HttpRequest>(net::HttpRequest{
                .method = "POST",
                .target = "/topics/a",
                .headers = {{"x-amz-customauthorizer-name", "mine"}, {"TOK", token}}})};
        named.check(shown, outside.time, [this](Identified who, Instant) {
            answers.push_back(std::move(who));
        });
    };
    REQUIRE(set.create(record, outside.time));
    publish("a");
    outside.reply(200, yes());
    publish("a");
    CHECK(outside.calls.size() == 2);
    outside.reply(200, yes());

    record.set_caching_for_http(true);
    REQUIRE(set.update(record, outside.time));
    publish("a");
    outside.reply(200, yes(R"(,"refreshAfterInSeconds":600)"));
    publish("a");
    CHECK(outside.calls.size() == 3);
    CHECK(answers.size() == 4);
    publish("b");
    CHECK(outside.calls.size() == 4);
    outside.time += 600s;
    publish("a");
    CHECK(outside.calls.size() == 5);
    CHECK(grants.size() == 0);
}

TEST_CASE_METHOD(Fixture, "authorizers are kept, checked and as many as may be", "[authorizers]") {
    CHECK(set.create(open_one(""), outside.time).error().kind == Kind::invalid);
    CHECK(set.create(open_one("a b"), outside.time).error().kind == Kind::invalid);
    auto record = open_one("x");
    for (const char* function : {"",
                                 "ftp://x",
                                 "file:../../etc/passwd",
                                 "file:../x.js",
                                 "arn:aws:s3:::x",
                                 "file:unknown.js",
                                 "arn:aws:lambda:us-east-1:1:function:unknown"}) {
        record.set_function_arn(function);
        CHECK(set.create(record, outside.time).error().kind == Kind::invalid);
    }
    for (const char* function : {"file:known.js",
                                 "arn:aws:lambda:us-east-1:123456789012:function:known",
                                 "arn:aws:lambda:us-east-1:123456789012:function:known:7"}) {
        record.set_function_arn(function);
        REQUIRE(set.create(record, outside.time));
        CHECK(set.create(record, outside.time).error().kind == Kind::exists);
        REQUIRE(set.remove("x"));
    }
    record = signed_one("x");
    record.clear_token_key_name();
    CHECK(set.create(record, outside.time).error().kind == Kind::invalid);
    record = signed_one("x");
    (*record.mutable_token_signing_public_keys())["k1"] = "no key";
    CHECK(set.create(record, outside.time).error().kind == Kind::invalid);
    CHECK(set.update(open_one("x"), outside.time).error().kind == Kind::not_found);
    CHECK(set.remove("x").error().kind == Kind::not_found);
    CHECK(set.set_default("x", outside.time).error().kind == Kind::not_found);
    CHECK(set.clear_default().error().kind == Kind::not_found);

    for (int i = 0; i < 100; ++i)
        REQUIRE(set.create(open_one("a" + std::to_string(i)), outside.time));
    CHECK(set.create(open_one("x"), outside.time).error().kind == Kind::too_many);
    REQUIRE(set.set_default("a7", outside.time));
    REQUIRE(set.set_default("a9", outside.time));
    store.flush(outside.time);
    store::Store again(std::array{kAuthorizerTable}, log);
    const AuthorizerSet reopened(again, parts);
    CHECK(reopened.list().size() == 100);
    CHECK(reopened.default_one()->name() == "a9");
}

TEST_CASE_METHOD(Fixture,
                 "an authorizer of the configuration cannot be changed by the API",
                 "[authorizers]") {
    auto record = open_one("conf");
    record.set_is_default(true);
    set.add_configured(record, nullptr);
    CHECK(set.update(open_one("conf"), outside.time).error().kind == Kind::invalid);
    CHECK(set.remove("conf").error().kind == Kind::invalid);
    CHECK(set.default_one()->name() == "conf");
    REQUIRE(set.create(open_one("mine"), outside.time));
    REQUIRE(set.set_default("mine", outside.time));
    CHECK(set.default_one()->name() == "mine");
}

}  // namespace helio::bridge::identity::authorizers
