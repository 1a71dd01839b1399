#include "tests/bridge/api/fixture.h"

using namespace helio;
using namespace helio::bridge::api;
using namespace helio::bridge::api::test;

namespace {

constexpr const char* kHot = R"({"sql":"SELECT temp AS t FROM 'sensors/temp' WHERE temp > 90",
    "awsIotSqlVersion":"2016-03-23","description":"hot",
    "actions":[{"republish":{"roleArn":"arn:aws:iam::123456789012:role/r","topic":"hot"}}]})";

}  // namespace

TEST_CASE("a topic rule is made, shown, listed, switched, replaced and deleted", "[api]") {
    World world;
    const auto iot = [&](const char* method, const std::string& target, const char* body = "") {
        return world.call(method, target, body, "iot");
    };
    REQUIRE(iot("POST", "/rules/hot", kHot).status == 200);
    const auto shown = iot("GET", "/rules/hot");
    REQUIRE(shown.status == 200);
    CHECK(shown.string("ruleArn") == "arn:aws:iot:eu-west-1:123456789012:rule/hot");
    const auto rule = shown.body().at("rule").as_object();
    CHECK(rule.at("description").as_string() == "hot");
    CHECK(rule.at("createdAt").to_number<double>() == 1'769'904'000.0);
    CHECK(rule.at("actions").as_array().at(0).at("republish").at("topic").as_string() == "hot");

    CHECK(iot("POST", "/rules/hot/disable").status == 200);
    auto list = iot("GET", "/rules?ruleDisabled=true").body().at("rules").as_array();
    REQUIRE(list.size() == 1);
    CHECK(list[0].at("topicPattern").as_string() == "sensors/temp");
    CHECK(iot("GET", "/rules?ruleDisabled=false").text == R"({"rules":[]})");
    CHECK(iot("POST", "/rules/hot/enable").status == 200);
    CHECK(iot("GET", "/rules?topic=sensors%2Ftemp").body().at("rules").as_array().size() == 1);
    CHECK(iot("GET", "/rules?topic=other").body().at("rules").as_array().empty());

    CHECK(iot("PATCH", "/rules/hot", R"({"sql":"SELECT * FROM 'x'","actions":[]})").status == 200);
    CHECK(iot("DELETE", "/rules/hot").status == 200);
    CHECK(iot("GET", "/rules/hot").error() == "ResourceNotFoundException");
}

TEST_CASE("rules are listed page by page", "[api]") {
    World world;
    for (const char* name : {"a", "b", "c"}) {
        REQUIRE(world.call("POST", std::string("/rules/") + name, kHot, "iot").status == 200);
    }
    const auto first = world.call("GET", "/rules?maxResults=2", "", "iot").body();
    CHECK(first.at("rules").as_array().size() == 2);
    const std::string token(first.at("nextToken").as_string());
    const auto second =
        world.call("GET", "/rules?maxResults=2&nextToken=" + token, "", "iot").body();
    REQUIRE(second.at("rules").as_array().size() == 1);
    CHECK(second.at("rules").as_array()[0].at("ruleName").as_string() == "c");
    CHECK_FALSE(second.contains("nextToken"));
}

TEST_CASE("what is wrong with a rule is told by AWS's exceptions", "[api]") {
    World world;
    REQUIRE(world.call("POST", "/rules/hot", kHot, "iot").status == 200);
    const auto again = world.call("POST", "/rules/hot", kHot, "iot");
    CHECK(again.status == 409);
    CHECK(again.error() == "ResourceAlreadyExistsException");
    const auto bad_sql =
        world.call("POST", "/rules/bad", R"({"sql":"SELECT FROM","actions":[]})", "iot");
    CHECK(bad_sql.status == 400);
    CHECK(bad_sql.error() == "SqlParseException");
    CHECK(world.call("POST", "/rules/bad", "{}", "iot").error() == "InvalidRequestException");
    CHECK(world.call("POST", "/rules/bad", "[", "iot").status == 400);
    CHECK(world.call("GET", "/rules?ruleDisabled=x", "", "iot").error() ==
          "InvalidRequestException");
}

TEST_CASE("tags of a rule come in a header", "[api]") {
    World world;
    HttpRequest request = world.sign(
        {.method = "POST",
         .target = "/rules/hot",
         .headers = {{"Host", "127.0.0.1:8080"}, {"x-amz-tagging", "site=north%20roof&x=1"}},
         .body = kHot},
        "iot");
    REQUIRE(world.unsigned_call(request).status == 200);
    CHECK(world.rules.find("hot")->tags().at("site") == "north roof");
}

TEST_CASE("an SQL statement is tried on a message without a rule", "[api]") {
    World world;
    const auto test = [&](const std::string& topic, const std::string& payload) {
        return world.call("POST",
                          "/rule-test",
                          R"({"sql":"SELECT temp AS t FROM 'sensors/temp' WHERE temp > 90",
                              "topic":")" +
                              topic + R"(","payload":")" + payload + R"("})");
    };
    const auto hot = test("sensors/temp", R"({\"temp\":91})");
    REQUIRE(hot.status == 200);
    CHECK(hot.text == R"({"topicMatches":true,"selected":true,"output":"{\"t\":91}"})");
    CHECK_FALSE(test("sensors/temp", R"({\"temp\":20})").body().at("selected").as_bool());
    CHECK_FALSE(test("other", R"({\"temp\":91})").body().at("topicMatches").as_bool());

    REQUIRE(world.call("POST", "/rules/hot", kHot, "iot").status == 200);
    const auto by_name =
        world.call("POST",
                   "/rule-test",
                   R"({"ruleName":"hot","topic":"sensors/temp","payload":"{\"temp\":99}"})");
    CHECK(by_name.string("output") == R"({"t":99})");
    CHECK(world.call("POST", "/rule-test", R"({"ruleName":"none"})").status == 404);
    CHECK(world.call("POST", "/rule-test", "{}").message() ==
          "sql is missing: it or ruleName must say what to test.");
    CHECK(world.call("POST", "/rule-test", R"({"sql":"SELECT"})").error() == "SqlParseException");
}
