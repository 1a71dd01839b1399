#include "bridge/rules/rule_engine.h"

#include "bridge/rules/test_rule.h"
#include "tests/bridge/rules/engine_world.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::test;

namespace {

constexpr const char* kAlarm = R"({"republish":{"roleArn":"r","topic":"alarms/${topic(2)}"}})";

std::string error_of(const Result<store::Position, RuleError>& result) {
    REQUIRE_FALSE(result);
    return result.error().message;
}

}  // namespace

TEST_CASE("a rule republishes what its statement selects", "[rules]") {
    EngineWorld world;
    REQUIRE(
        world.add("hot", "SELECT temp, topic(2) AS room FROM 'sensors/+' WHERE temp > 90", kAlarm)
            .empty());
    world.message("sensors/attic", R"({"temp":91.5})");
    world.message("sensors/attic", R"({"temp":20})");
    world.message("sensors/attic/x", R"({"temp":99})");
    world.message("other", R"({"temp":99})");
    CHECK(world.take_published() == Lines{R"(alarms/attic {"temp":91.5,"room":"attic"})"});
    const RuleStats& stats = *world.engine().stats("hot");
    CHECK(stats.matched == 1);
    CHECK(stats.not_selected == 1);
    CHECK(stats.actions_ok == 1);
    CHECK(stats.actions_failed == 0);
}

TEST_CASE("each rule and each action sees the message on its own", "[rules]") {
    EngineWorld world;
    const std::string two = R"({"republish":{"roleArn":"r","topic":"one"}},)"
                            R"({"republish":{"roleArn":"r","topic":"two"}})";
    REQUIRE(world.add("a", "SELECT a FROM '#'", two).empty());
    REQUIRE(
        world.add("b", "SELECT b FROM 'x/y'", R"({"republish":{"roleArn":"r","topic":"three"}})")
            .empty());
    world.message("x/y", R"({"a":1,"b":2})");
    Lines published = world.take_published();
    std::ranges::sort(published);
    CHECK(published == Lines{R"(one {"a":1})", R"(three {"b":2})", R"(two {"a":1})"});
}

TEST_CASE("a payload that is no JSON is handed on byte for byte", "[rules]") {
    EngineWorld world;
    REQUIRE(world.add("all", "SELECT * FROM 'raw'", R"({"republish":{"topic":"copy"}})").empty());
    world.message("raw", "\x01\x02 not json");
    CHECK(world.take_published() == Lines{"copy \x01\x02 not json"});
}

TEST_CASE("Basic Ingest runs one rule, whatever its filter says, and topic() leaves the prefix out",
          "[rules]") {
    EngineWorld world;
    const char* action = R"({"republish":{"topic":"out/${topic()}"}})";
    REQUIRE(world.add("mine", "SELECT a FROM 'never'", action).empty());
    REQUIRE(world.add("no_from", "SELECT a", action).empty());
    REQUIRE(world.add("other", "SELECT a FROM '#'", action).empty());
    world.message("$aws/rules/mine/x/y", R"({"a":1})");
    world.message("$aws/rules/no_from/z", R"({"a":2})");
    world.message("$aws/rules/unknown/z", R"({"a":3})");
    CHECK(world.take_published() == Lines{R"(out/x/y {"a":1})", R"(out/z {"a":2})"});
    CHECK(world.engine().run_rule("mine", {.topic = "t", .payload = {}}, world.now));
    CHECK_FALSE(world.engine().run_rule("unknown", {.topic = "t", .payload = {}}, world.now));
    CHECK(world.engine().without_rule() == 2);
}

TEST_CASE("rules are there again after a restart, disabled ones disabled", "[rules]") {
    EngineWorld world;
    REQUIRE(world.add("on", "SELECT a FROM 'x'", R"({"republish":{"topic":"y"}})").empty());
    REQUIRE(world.add("off", "SELECT a FROM 'x'", R"({"republish":{"topic":"z"}})").empty());
    REQUIRE(world.engine().set_enabled("off", false));
    world.flush();
    world.start();
    world.message("x", R"({"a":1})");
    CHECK(world.take_published() == Lines{R"(y {"a":1})"});
    CHECK_FALSE(world.engine().run_rule("off", {.topic = "x"}, world.now));
    REQUIRE(world.engine().set_enabled("off", true));
    REQUIRE(world.engine().remove("on"));
    world.message("x", R"({"a":1})");
    CHECK(world.take_published() == Lines{R"(z {"a":1})"});
    CHECK(world.engine().find("on") == nullptr);
}

TEST_CASE("a replaced rule keeps its creation time and its counts", "[rules]") {
    EngineWorld world;
    REQUIRE(world.add("r", "SELECT a FROM 'x'", R"({"republish":{"topic":"y"}})").empty());
    world.message("x", R"({"a":1})");
    auto rule = *world.engine().find("r");
    rule.set_sql("SELECT b FROM 'z'");
    rule.clear_created_at_us();
    world.now += std::chrono::hours(1);
    REQUIRE(world.engine().replace("r", rule));
    CHECK(world.engine().find("r")->created_at_us() == to_unix_us(kNoon));
    CHECK(world.engine().stats("r")->matched == 1);
    CHECK(world.engine().topic_pattern("r") == "z");
    world.message("x", R"({"a":1})");
    world.message("z", R"({"b":1})");
    CHECK(world.take_published() == Lines{R"(y {"a":1})", R"(y {"b":1})"});
}

TEST_CASE("what is wrong with a rule is said when it is made", "[rules]") {
    EngineWorld world;
    const auto error = [&](std::string_view sql, std::string_view actions) {
        return world.add("r", sql, actions);
    };
    CHECK(error("SELECT a FRM 'x'", "") ==
          "SQL error at line 1, column 10: expected FROM, WHERE or the end, found 'FRM'");
    CHECK(error("SELECT a\\n  FROM x", "") ==
          "SQL error at line 2, column 8: expected a topic filter in quotes after FROM");
    CHECK(error("SELECT a", R"({"s3":{}})") ==
          "actions[0]: this server has no action \"s3\"; it has republish, http and file");
    CHECK(error("SELECT a", R"({"republish":{}})") == "actions[0].republish.topic is missing");
    CHECK(error("SELECT a", R"({"republish":{"topic":5}})") ==
          "actions[0].republish.topic must be a string");
    CHECK(error("SELECT a", R"({"republish":{"topic":"a/${b +}"}})") ==
          "actions[0].republish.topic is no template: at position 8: expected an expression, found "
          "the end");
    CHECK(error("SELECT a", R"({"republish":{"topic":"a/${b"}})") ==
          "actions[0].republish.topic is no template: at position 3: this ${ has no closing }");
    CHECK(error("SELECT a", R"({"republish":{"topic":"a","qos":2}})") ==
          "actions[0].republish.qos must be a number from 0 to 1");
    CHECK(error("SELECT a",
                R"({"republish":{"topic":"a","headers":{"userProperties":[{"key":1}]}}})") ==
          "actions[0].republish.headers.userProperties[0].key must be a string");
    CHECK(
        error("SELECT a", R"({"http":{"url":"ftp://x"}})") ==
        "actions[0].http.url must begin with http:// or https:// and have at most 2048 characters");
    CHECK(error("SELECT a", R"({"file":{"path":"../etc/passwd"}})") ==
          "actions[0].file.path must be relative, of names without '..' and without a leading '.'");
    CHECK(error("SELECT a", R"({"republish":{"topic":"a"},"http":{"url":"http://x"}})") ==
          "actions[0] must be an object with one member, the kind of action");
    CHECK(world.add("r", R"({"actions":[]})") == "sql is missing");
    CHECK(world.add("r", R"({"sql":"SELECT *"})") == "actions must be an array");
    CHECK(world.add("r", "[]") == "the rule must be a JSON object");
    CHECK(world.add("r", R"({"sql":"SELECT *","actions":[],"awsIotSqlVersion":"2020"})") ==
          "awsIotSqlVersion \"2020\" is not one of 2015-10-08, 2016-03-23 and beta");
    CHECK(world.add("r", R"({"sql":"SELECT *","actions":[],"errorAction":{"sns":{}}})") ==
          "errorAction: this server has no action \"sns\"; it has republish, http and file");
    CHECK(world.add("not-a-name", "SELECT *", "") ==
          "the name of a rule has 1 to 128 letters, digits and '_'");
    CHECK(world.engine().list({}).empty());
}

TEST_CASE("names of rules are unique and rules are limited in number", "[rules]") {
    EngineWorld world({.max_rules = 2});
    REQUIRE(world.add("a", "SELECT *", "").empty());
    CHECK(world.add("a", "SELECT *", "") == "there is a rule \"a\" already");
    REQUIRE(world.add("b", "SELECT *", "").empty());
    CHECK(world.add("c", "SELECT *", "") == "there are 2 rules, which is the limit");
    CHECK(error_of(world.engine().remove("c")) == "there is no rule \"c\"");
    CHECK(error_of(world.engine().set_enabled("c", true)) == "there is no rule \"c\"");
    CHECK(error_of(world.engine().replace("c", {})) == "there is no rule \"c\"");
}

TEST_CASE("rules are listed by name, by topic and by being disabled", "[rules]") {
    EngineWorld world;
    REQUIRE(world.add("a", "SELECT * FROM 'x/+'", "").empty());
    REQUIRE(world.add("b", "SELECT * FROM 'y'", "").empty());
    REQUIRE(world.add("c", "SELECT *", "").empty());
    REQUIRE(world.engine().set_enabled("b", false));
    const auto names = [&](const RuleEngine::Query& query) {
        std::string names;
        for (const auto* rule : world.engine().list(query)) names += rule->name();
        return names;
    };
    CHECK(names({}) == "abc");
    CHECK(names({.count = 2}) == "ab");
    CHECK(names({.after = "a"}) == "bc");
    CHECK(names({.topic = "x/1"}) == "a");
    CHECK(names({.disabled = true}) == "b");
    CHECK(names({.disabled = false}) == "ac");
    CHECK(world.engine().arn("a") == "arn:aws:iot:eu-west-1:123456789012:rule/a");
}

TEST_CASE("a rule comes back as the JSON it was made of", "[rules]") {
    EngineWorld world;
    REQUIRE(world
                .add("r",
                     R"({"sql":"SELECT *","description":"d","ruleDisabled":true,)"
                     R"("awsIotSqlVersion":"2015-10-08",)"
                     R"("actions":[{"republish":{"roleArn":"arn:x","topic":"t","qos":1}}],)"
                     R"("errorAction":{"file":{"path":"errors.log"}}})")
                .empty());
    CHECK(topic_rule_json(*world.engine().find("r")) ==
          R"({"ruleName":"r","sql":"SELECT *","description":"d","createdAt":1767268800,)"
          R"("actions":[{"republish":{"roleArn":"arn:x","topic":"t","qos":1}}],)"
          R"("ruleDisabled":true,"awsIotSqlVersion":"2015-10-08",)"
          R"("errorAction":{"file":{"path":"errors.log"}}})");
}

TEST_CASE("a rule without a version is one of 2015-10-08", "[rules]") {
    EngineWorld world;
    auto rule = parse_topic_rule_payload(
        R"({"sql":"SELECT a / 2 AS h FROM 'x'","actions":[{"republish":{"topic":"y"}}]})");
    REQUIRE(world.engine().create("old", *rule, world.now));
    world.message("x", R"({"a":7})");
    CHECK(world.take_published() == Lines{R"(y {"h":3})"});
}

TEST_CASE("a statement can be tried without a rule", "[rules]") {
    const auto result =
        test_rule({.sql = "SELECT a + 1 AS b FROM 'x/#' WHERE a > 0",
                   .message = {.topic = "y", .payload = bytes_of(std::string_view(R"({"a":1})"))}},
                  kNoon);
    REQUIRE(result);
    CHECK_FALSE(result->topic_matches);
    CHECK(result->selected);
    CHECK(text_of(result->output) == R"({"b":2})");
    const auto wrong = test_rule({.sql = "SELECT"}, kNoon);
    REQUIRE_FALSE(wrong);
    CHECK(wrong.error().kind == RuleError::Kind::bad_sql);
}
