#include "tests/bridge/api/fixture.h"

using namespace helio;
using namespace helio::bridge::api;
using namespace helio::bridge::api::test;

namespace kept = helio::bridge::registry;

namespace {

constexpr const char* kPlace = "arn:aws:iot:eu-west-1:123456789012:";

std::string statement(const std::string& effect,
                      const std::string& action,
                      const std::string& resource,
                      const std::string& more = "") {
    return R"({"Effect":")" + effect + R"(","Action":"iot:)" + action + R"(","Resource":")" +
           kPlace + resource + "\"" + more + "}";
}

struct Policed : World {
    // A certificate that is attached to a thing.
    Policed() {
        certificate = iot.certificates.issue(kept::proto::ACTIVE, now)->certificate.id.hex();
        policy("own",
               {statement("Allow", "Connect", "client/${iot:ClientId}"),
                statement("Allow", "Publish", "topic/${iot:Connection.Thing.ThingName}/*")});
        policy("never", {statement("Deny", "Publish", "topic/*/secret")});
        attach("own");
        REQUIRE(iot.things.create({.name = "pump"}, now));
        REQUIRE(iot.things.attach("pump", target(), kept::Bond::shared));
    }
    kept::Target target() const { return {kept::Target::Kind::certificate, certificate}; }
    void policy(const std::string& name, const std::vector<std::string>& statements) {
        std::string text = R"({"Version":"2012-10-17","Statement":[)";
        for (const auto& one : statements) text += (text.back() == '}' ? "," : "") + one;
        REQUIRE(iot.policies.create(name, text + "]}", {}, now));
    }
    void attach(const std::string& name) { REQUIRE(iot.policies.attach(name, target())); }
    std::string principal() const {
        return R"("principal":")" + std::string(kPlace) + "cert/" + certificate + '"';
    }

    // The first result.
    json::object test(const std::string& type,
                      const std::string& resource,
                      const std::string& more = "",
                      const std::string& client_id = "pump") {
        const auto answer =
            call("POST",
                 "/test-authorization?clientId=" + client_id,
                 "{" + principal() + R"(,"authInfos":[{"actionType":")" + type +
                     R"(","resources":[")" + kPlace + resource + "\"]}]" + more + "}",
                 "iot");
        CAPTURE(answer.text);
        REQUIRE(answer.status == 200);
        return answer.body().at("authResults").at(0).as_object();
    }
    static std::string decision(const json::object& result) {
        return std::string(result.at("authDecision").as_string());
    }
    json::object explain(const std::string& members) {
        const auto answer =
            call("POST", "/authorization-explanation", "{" + principal() + members + "}", "iot");
        CAPTURE(answer.text);
        REQUIRE(answer.status == 200);
        return answer.body();
    }

    std::string certificate;
};

}  // namespace

TEST_CASE("TestAuthorization says what a principal may do, and by which policy", "[api][policy]") {
    Policed world;
    const auto allowed = world.test("PUBLISH", "topic/pump/state");
    CHECK(json::serialize(allowed) ==
          R"({"authInfo":{"actionType":"PUBLISH","resources":[)"
          R"("arn:aws:iot:eu-west-1:123456789012:topic/pump/state"]},)"
          R"("allowed":{"policies":[{"policyName":"own",)"
          R"("policyArn":"arn:aws:iot:eu-west-1:123456789012:policy/own"}]},)"
          R"("denied":{"implicitDeny":{"policies":[]},"explicitDeny":{"policies":[]}},)"
          R"("authDecision":"ALLOWED","missingContextValues":[]})");
    CHECK(world.decision(world.test("CONNECT", "client/pump")) == "ALLOWED");
    CHECK(world.decision(world.test("SUBSCRIBE", "topicfilter/a")) == "IMPLICIT_DENY");
    CHECK(world.decision(world.test("RECEIVE", "topic/a")) == "IMPLICIT_DENY");
}

TEST_CASE("TestAuthorization names the context values that are missing", "[api][policy]") {
    Policed world;
    const auto result = world.test("PUBLISH", "topic/pump/state", "", "another");
    CHECK(world.decision(result) == "IMPLICIT_DENY");
    CHECK(json::serialize(result.at("missingContextValues")) ==
          R"(["iot:Connection.Thing.ThingName"])");
    CHECK(json::serialize(result.at("denied").at("implicitDeny")) ==
          R"({"policies":[{"policyName":"own",)"
          R"("policyArn":"arn:aws:iot:eu-west-1:123456789012:policy/own"}]})");
}

TEST_CASE("TestAuthorization adds policies and skips others", "[api][policy]") {
    Policed world;
    CHECK(world.decision(
              world.test("PUBLISH", "topic/pump/secret", R"(,"policyNamesToAdd":["never"])")) ==
          "EXPLICIT_DENY");
    CHECK(world.decision(
              world.test("PUBLISH", "topic/pump/state", R"(,"policyNamesToSkip":["own"])")) ==
          "IMPLICIT_DENY");
    const auto unknown =
        world.call("POST",
                   "/test-authorization",
                   "{" + world.principal() +
                       R"(,"authInfos":[{"actionType":"CONNECT","resources":["*"]}],)"
                       R"("policyNamesToAdd":["none"]})",
                   "iot");
    CHECK(unknown.error() == "ResourceNotFoundException");
}

TEST_CASE("of several resources each has to be allowed", "[api][policy]") {
    Policed world;
    world.attach("never");
    const std::string two = R"(arn:aws:iot:eu-west-1:123456789012:)";
    CHECK(world.decision(world.test("PUBLISH", "topic/pump/a\",\"" + two + "topic/pump/b")) ==
          "ALLOWED");
    CHECK(world.decision(world.test("PUBLISH", "topic/pump/a\",\"" + two + "topic/x")) ==
          "IMPLICIT_DENY");
    CHECK(world.decision(world.test("PUBLISH", "topic/x\",\"" + two + "topic/pump/b")) ==
          "IMPLICIT_DENY");
    CHECK(world.decision(world.test("PUBLISH", "topic/x\",\"" + two + "topic/pump/secret")) ==
          "EXPLICIT_DENY");
}

TEST_CASE("what is wrong with a TestAuthorization is named", "[api][policy]") {
    Policed world;
    const auto message = [&](const std::string& body) {
        const auto answer = world.call("POST", "/test-authorization", body, "iot");
        CHECK(answer.error() == "InvalidRequestException");
        return answer.message();
    };
    CHECK_THAT(message("{}"), Catch::Matchers::ContainsSubstring("authInfos is missing"));
    CHECK_THAT(message(R"({"authInfos":[{"actionType":"DANCE","resources":["*"]}]})"),
               Catch::Matchers::ContainsSubstring("PUBLISH, SUBSCRIBE, RECEIVE or CONNECT"));
    CHECK_THAT(message(R"({"authInfos":[]})"),
               Catch::Matchers::ContainsSubstring("1 to 10 elements"));
    CHECK_THAT(message(R"({"principal":"nobody",)"
                       R"("authInfos":[{"actionType":"CONNECT","resources":["*"]}]})"),
               Catch::Matchers::ContainsSubstring("nobody"));
    CHECK(world
              .call("POST",
                    "/test-authorization",
                    R"({"authInfos":[{"actionType":"CONNECT","resources":["*"]}],"principal":")" +
                        std::string(kPlace) + "cert/" + std::string(64, 'a') + "\"}",
                    "iot")
              .error() == "ResourceNotFoundException");
}

TEST_CASE("an explanation says which statement has decided, why, and by what values",
          "[api][policy]") {
    Policed world;
    world.attach("never");
    const auto allowed =
        world.explain(R"(,"clientId":"pump","action":"iot:Publish","resource":"topic/pump/state")");
    CHECK(world.decision(allowed) == "ALLOWED");
    CHECK(allowed.at("resource") ==
          json::value("arn:aws:iot:eu-west-1:123456789012:topic/pump/state"));
    const auto& statements = allowed.at("statements").as_array();
    REQUIRE(statements.size() == 3);
    CHECK(json::serialize(statements[2]) ==
          R"({"policyName":"own","statement":2,"effect":"Allow","outcome":"APPLIES",)"
          R"("decides":true,"because":)"
          R"("arn:aws:iot:eu-west-1:123456789012:topic/${iot:Connection.Thing.ThingName}/*"})");
    CHECK(statements[0].at("outcome") == "OTHER_RESOURCE");
    CHECK(statements[1].at("outcome") == "OTHER_ACTION");
    CHECK(json::serialize(allowed.at("variables")) ==
          R"({"iot:Connection.Thing.ThingName":["pump"]})");

    const auto denied = world.explain(
        R"(,"clientId":"pump","action":"iot:Publish","resource":"topic/pump/secret")");
    CHECK(world.decision(denied) == "EXPLICIT_DENY");
    CHECK(denied.at("statements").at(0).at("decides").as_bool());
    CHECK_FALSE(denied.at("statements").at(2).at("decides").as_bool());

    const auto stranger =
        world.explain(R"(,"clientId":"x","action":"iot:Publish","resource":"topic/pump/state")");
    CHECK(stranger.at("statements").at(2).at("outcome") == "VARIABLE_WITHOUT_VALUE");
    CHECK(json::serialize(stranger.at("variables")) == R"({"iot:Connection.Thing.ThingName":[]})");
}

TEST_CASE("an explanation takes what a connection would be known by", "[api][policy]") {
    Policed world;
    world.policy(
        "office",
        {statement("Allow",
                   "Connect",
                   "client/*",
                   R"(,"Condition":{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"},)"
                   R"("ForAnyValue:StringEquals":{"iot:ConnectAttributes":"LastWill"}})")});
    const std::string question =
        R"(,"action":"iot:Connect","resource":"client/x","policyNamesToAdd":["office"])";
    CHECK(world.decision(world.explain(question + R"(,"sourceIp":"192.0.2.9","lastWill":true)")) ==
          "ALLOWED");
    const auto refused = world.explain(question + R"(,"sourceIp":"192.0.3.9","lastWill":true)");
    CHECK(world.decision(refused) == "IMPLICIT_DENY");
    CHECK(refused.at("statements").at(2).at("because") == "IpAddress aws:SourceIp [192.0.2.0/24]");
}

TEST_CASE("of an administrator's key nothing is asked, of others everything", "[api][policy]") {
    Policed world;
    const auto explain = [&](const std::string& id) {
        const auto answer = world.call(
            "POST",
            "/authorization-explanation",
            R"({"principal":")" + id + R"(","action":"iot:Publish","resource":"topic/a"})",
            "iot");
        CAPTURE(answer.text);
        return answer.string("authDecision");
    };
    CHECK(explain(kKey.id) == "ALLOWED");
    const auto made = world.iot.access_keys.create("limited", world.now);
    REQUIRE(made);
    CHECK(explain(made->key.id) == "IMPLICIT_DENY");
}
