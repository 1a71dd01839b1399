// What republish, http, file and the error action do.
#include "tests/bridge/rules/engine_world.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* kPost = R"({"http":{"url":"https://example.com/${topic()}"}})";
constexpr const char* kMessage = R"({"a":1})";

EngineWorld& with_post(EngineWorld& world) {
    REQUIRE(world.add("r", "SELECT * FROM 't'", kPost).empty());
    return world;
}
std::string header(const HttpRequest& request, std::string_view name) {
    for (const auto& [key, value] : request.headers) {
        if (key == name) return value;
    }
    return "-";
}

}  // namespace

TEST_CASE("republish sends the headers of MQTT 5 that it is told to", "[rules]") {
    EngineWorld world;
    REQUIRE(world
                .add("r",
                     "SELECT * FROM 't'",
                     R"({"republish":{"topic":"$$aws/things/${name}/shadow/update","qos":1,)"
                     R"("headers":{"payloadFormatIndicator":"UTF8_DATA","contentType":"a/${name}",)"
                     R"("responseTopic":"r/${name}","correlationData":"AQI=","messageExpiry":"60",)"
                     R"("userProperties":[{"key":"k","value":"${name}-${missing}!"}]}}})")
                .empty());
    world.message("t", R"({"name":"n"})");
    REQUIRE(world.publications.size() == 1);
    CHECK(world.publications[0] ==
          Publication{.topic = "$aws/things/n/shadow/update",
                      .payload = Bytes{'{', '"', 'n', 'a', 'm', 'e', '"', ':', '"', 'n', '"', '}'},
                      .qos = 1,
                      .content_type = "a/n",
                      .response_topic = "r/n",
                      .correlation_data = Bytes{1, 2},
                      .payload_is_utf8 = true,
                      .message_expiry_s = 60,
                      .user_properties = {{"k", "n-!"}},
                      .depth = 1});
}

TEST_CASE("all user properties can be handed on by one expression", "[rules]") {
    EngineWorld world;
    REQUIRE(world
                .add("r",
                     "SELECT * FROM 't'",
                     R"({"republish":{"topic":"u","headers":)"
                     R"({"userProperties":"${get_user_properties()}"}}})")
                .empty());
    const std::vector<UserProperty> properties = {{"a", "1"}, {"b", "2"}, {"a", "3"}};
    world.engine().on_message({.topic = "t", .user_properties = properties}, world.now);
    REQUIRE(world.publications.size() == 1);
    CHECK(world.publications[0].user_properties == properties);
}

TEST_CASE("a topic that cannot be published on fails the action", "[rules]") {
    EngineWorld world;
    REQUIRE(world
                .add("r",
                     R"({"sql":"SELECT * FROM 't'","actions":[{"republish":{"topic":"${to}"}}],)"
                     R"("errorAction":{"file":{"path":"errors"}}})")
                .empty());
    struct Row {
        const char* payload;
        const char* error;
    };
    for (const Row row : {
             Row{R"({})", "the topic is empty"},
             Row{R"({"to":"a/#"})", "the topic has a wildcard or a NUL in it"},
             Row{R"({"to":"$$aws/things/x/jobs/y/update"})",
                 "rules cannot publish on topics of jobs"},
         }) {
        world.message("t", row.payload);
        REQUIRE(world.appends.size() == 1);
        CHECK(text_of(world.appends.begin()->second.line).find(row.error) !=
              std::string_view::npos);
        world.file_answer();
    }
    CHECK(world.publications.empty());
    CHECK(world.engine().stats("r")->actions_failed == 3);
}

TEST_CASE("rules that feed each other are stopped", "[rules]") {
    EngineWorld world({.max_republish_depth = 4});
    world.loop_back = true;
    REQUIRE(world.add("ping", "SELECT * FROM 'a'", R"({"republish":{"topic":"b"}})").empty());
    REQUIRE(world.add("pong", "SELECT * FROM 'b'", R"({"republish":{"topic":"a"}})").empty());
    world.message("a", kMessage);
    CHECK(world.take_published().size() == 4);
    CHECK(world.engine().stats("ping")->dropped + world.engine().stats("pong")->dropped == 1);
}

TEST_CASE("rules that multiply each other's messages are held to a number a second", "[rules]") {
    EngineWorld world({.max_republish_depth = 100, .max_chained_republish_per_s = 50});
    world.loop_back = true;
    const char* twice = R"({"republish":{"topic":"a"}},{"republish":{"topic":"a"}})";
    REQUIRE(world.add("r", "SELECT * FROM 'a'", twice).empty());
    world.message("a", kMessage);
    CHECK(world.take_published().size() == 52);  // the first two are no offspring of offspring
    world.message("a", kMessage);
    CHECK(world.take_published().size() == 2);
    world.now += 1s;
    world.message("a", kMessage);
    CHECK(world.take_published().size() == 52);
}

TEST_CASE("http posts the output with a content type", "[rules][http]") {
    EngineWorld world;
    with_post(world).message("t", kMessage);
    REQUIRE(world.requests.size() == 1);
    const HttpRequest request = world.requests.begin()->second;
    CHECK(request.method == "POST");
    CHECK(request.url == "https://example.com/t");
    CHECK(text_of(request.body) == kMessage);
    CHECK(header(request, "Content-Type") == "application/json");
    CHECK(world.engine().stats("r")->actions_ok == 0);
    world.answer(204);
    CHECK(world.engine().stats("r")->actions_ok == 1);
    world.message("t", "no json");
    CHECK(header(world.requests.begin()->second, "Content-Type") == "application/octet-stream");
}

TEST_CASE("headers of a request are templates and may replace the content type", "[rules][http]") {
    EngineWorld world;
    REQUIRE(
        world
            .add("r",
                 "SELECT * FROM 't'",
                 R"({"http":{"url":"http://h/","confirmationUrl":"http://h/confirm","headers":[)"
                 R"({"key":"content-type","value":"text/plain"},)"
                 R"({"key":"X-A","value":"${a}"}]}})")
            .empty());
    world.message("t", kMessage);
    REQUIRE(world.requests.size() == 1);
    CHECK(world.requests.begin()->second.headers ==
          std::vector<std::pair<std::string, std::string>>{{"content-type", "text/plain"},
                                                           {"X-A", "1"}});
    world.message("t", R"({"a":"x\r\nEvil: 1"})");
    CHECK(world.requests.size() == 1);
    CHECK(world.engine().stats("r")->actions_failed == 1);
}

TEST_CASE("a URL that a message made wrong is not requested", "[rules][http]") {
    EngineWorld world;
    REQUIRE(world.add("r", "SELECT * FROM 't'", R"({"http":{"url":"${u}"}})").empty());
    for (const char* payload : {
             R"({})",
             R"({"u":"file:///etc/passwd"})",
             R"({"u":"http://h/\r\nX: y"})",
             R"({"u":"http://h/a b"})",
             R"({"u":"http://"})",
         }) {
        world.message("t", payload);
    }
    CHECK(world.requests.empty());
    CHECK(world.engine().stats("r")->actions_failed == 5);
    world.message("t", R"({"u":"HTTPS://h"})");
    CHECK(world.requests.size() == 1);
}

TEST_CASE("429, 5xx and silence are tried again with growing pauses, anything else is not",
          "[rules][http]") {
    EngineWorld world({.http_attempts = 3, .http_backoff = 100ms});
    with_post(world).message("t", kMessage);
    world.answer(503);
    CHECK(world.requests.empty());
    world.pass(0ms);
    REQUIRE(world.next_time);
    CHECK(*world.next_time - world.now >= 50ms);
    CHECK(*world.next_time - world.now <= 100ms);
    world.pass(100ms);
    REQUIRE(world.requests.size() == 1);
    world.answer(0, "connection refused");
    world.pass(0ms);
    CHECK(*world.next_time - world.now >= 100ms);
    CHECK(*world.next_time - world.now <= 200ms);
    world.pass(200ms);
    CHECK_FALSE(world.next_time);
    REQUIRE(world.requests.size() == 1);
    world.answer(429);
    CHECK(world.engine().stats("r")->actions_failed == 1);
    world.pass(1h);
    CHECK(world.requests.empty());

    world.message("t", kMessage);
    world.answer(404);
    CHECK(world.engine().stats("r")->actions_failed == 2);
    world.message("t", kMessage);
    world.answer(500);
    world.pass(100ms);
    world.answer(200);
    CHECK(world.engine().stats("r")->actions_ok == 1);
}

TEST_CASE("the queue of an HTTP action is bounded in messages and bytes", "[rules][http]") {
    EngineWorld world({.http_queue_messages = 3, .http_queue_bytes = 30, .http_in_flight = 2});
    with_post(world);
    for (int i = 0; i < 4; ++i) world.message("t", kMessage);
    CHECK(world.requests.size() == 2);
    CHECK(world.engine().stats("r")->dropped == 1);
    world.answer(200);
    CHECK(world.requests.size() == 2);  // the one that waited is on its way
    world.answer(200);
    world.answer(200);
    CHECK(world.engine().stats("r")->actions_ok == 3);
    world.message("t", R"({"text":"more than thirty bytes of text"})");
    CHECK(world.engine().stats("r")->dropped == 2);
}

TEST_CASE("what had not been sent to its end is sent after a restart, in its order and once",
          "[rules][http]") {
    EngineWorld world;
    REQUIRE(
        world
            .add(
                "r",
                R"({"sql":"SELECT * FROM 't/+'","actions":[{"http":{"url":"https://h/${topic(2)}",)"
                R"("headers":[{"key":"X-A","value":"${a}"}]}}],)"
                R"("errorAction":{"republish":{"topic":"errors/${topic(2)}"}}})")
            .empty());
    for (const char* topic : {"t/one", "t/two", "t/three"}) world.message(topic, kMessage);
    CHECK(world.engine().kept_at() > 0);
    world.answer(200);
    world.flush();
    world.start();
    world.requests.clear();
    world.pass(0ms);
    REQUIRE(world.requests.size() == 2);
    const HttpRequest& first = world.requests.begin()->second;
    CHECK(first.url == "https://h/two");
    CHECK(text_of(first.body) == kMessage);
    CHECK(header(first, "X-A") == "1");
    CHECK(header(first, "Content-Type") == "application/json");
    world.answer(404);
    REQUIRE(world.publications.size() == 1);
    CHECK(world.publications[0].topic == "errors/two");
    CHECK(text_of(world.publications[0].payload).find("eyJhIjoxfQ==") != std::string_view::npos);
    world.answer(200);
    CHECK(world.engine().stats("r")->actions_ok == 2);  // the error action is one
    CHECK(world.engine().stats("r")->actions_failed == 1);
    world.flush();
    world.start();
    world.pass(0ms);
    CHECK(world.requests.empty());
}

TEST_CASE("what is queued is still sent when its rule is gone", "[rules][http]") {
    EngineWorld world({.http_backoff = 100ms});
    with_post(world).message("t", kMessage);
    REQUIRE(world.engine().remove("r"));
    world.answer(503);
    world.pass(100ms);
    REQUIRE(world.requests.size() == 1);
    world.answer(200);
    world.pass(1h);
    CHECK(world.requests.empty());
}

TEST_CASE("file appends lines below the folder of rules only", "[rules]") {
    EngineWorld world({.file_queue_messages = 1});
    REQUIRE(world.add("r", "SELECT * FROM '+'", R"({"file":{"path":"${topic()}/${n}.jsonl"}})")
                .empty());
    world.message("t", R"({"n":"day"})");
    REQUIRE(world.appends.size() == 1);
    CHECK(world.appends.begin()->second.path == "t/day.jsonl");
    CHECK(text_of(world.appends.begin()->second.line) == "{\"n\":\"day\"}\n");
    world.message("t", R"({"n":"day"})");
    CHECK(world.engine().stats("r")->dropped == 1);
    world.file_answer();
    for (const char* name :
         {"../x", "a/../../x", "/etc/x", ".", ".hidden/x", "a//b", R"(a\\b)", R"(a\u0000b)"}) {
        CAPTURE(name);
        world.message("t", R"({"n":")" + std::string(name) + R"("})");
        CHECK(world.appends.empty());
    }
    CHECK(world.engine().stats("r")->actions_failed == 9);
    CHECK(world.engine().stats("r")->actions_ok == 1);
}

TEST_CASE("a line that was not in its file before a crash is written after it, in its order",
          "[rules]") {
    EngineWorld world;
    REQUIRE(world.add("r",
                      R"({"sql":"SELECT * FROM 't/+'","actions":[{"file":{"path":"${topic(2)}"}}],)"
                      R"("errorAction":{"republish":{"topic":"errors/${topic(2)}"}}})")
                .empty());
    for (const char* topic : {"t/one", "t/two", "t/three"}) world.message(topic, kMessage);
    CHECK(world.engine().kept_at() > 0);
    world.file_answer();
    world.flush();
    world.appends.clear();
    world.start();
    REQUIRE(world.appends.size() == 2);
    const FileAppend& first = world.appends.begin()->second;
    CHECK(first.path == "two");
    CHECK(text_of(first.line) == std::string(kMessage) + "\n");
    CHECK(first.max_file_bytes > 0);
    world.file_answer("no space left on device");
    REQUIRE(world.publications.size() == 1);
    CHECK(world.publications[0].topic == "errors/two");
    world.file_answer();
    world.flush();
    world.start();
    CHECK(world.appends.empty());
}

TEST_CASE("the error action gets one document with every failure of a message", "[rules]") {
    EngineWorld world;
    REQUIRE(world
                .add("r",
                     R"({"sql":"SELECT * FROM 't/#'","actions":[)"
                     R"({"http":{"url":"https://h/"}},{"republish":{"topic":"ok"}},)"
                     R"({"file":{"path":"f"}}],)"
                     R"("errorAction":{"republish":{"topic":"errors/${topic(2)}/${a}"}}})")
                .empty());
    world.message("t/x", kMessage);
    CHECK(world.take_published() == Lines{R"(ok {"a":1})"});
    world.answer(400);
    CHECK(world.take_published().empty());  // the file has not been written yet
    world.file_answer("no space left on device");
    REQUIRE(world.publications.size() == 1);
    CHECK(world.publications[0].topic == "errors/x/1");
    const std::string document(text_of(world.publications[0].payload));
    const std::string trace = document.substr(document.find("TraceId\":\"") + 10, 36);
    CHECK(document ==
          R"({"ruleName":"r","topic":"t/x","cloudwatchTraceId":")" + trace +
              R"(","clientId":"c-1","base64OriginalPayload":"eyJhIjoxfQ==","failures":[)"
              R"({"failedAction":"HttpAction","failedResource":"https://h/",)"
              R"("errorMessage":"the server answered 400"},)"
              R"({"failedAction":"FileAction","failedResource":"f",)"
              R"("errorMessage":"no space left on device"}]})");
    world.publications.clear();
    world.message("t/x", kMessage);
    world.take_published();
    world.answer(200);
    world.file_answer();
    CHECK(world.publications.empty());
}

TEST_CASE("a refused publication is a failure, and an error action that fails is counted only",
          "[rules]") {
    EngineWorld world;
    REQUIRE(world
                .add("r",
                     R"({"sql":"SELECT * FROM 't'","actions":[{"republish":{"topic":"a"}}],)"
                     R"("errorAction":{"republish":{"topic":"b"}}})")
                .empty());
    world.refuse_publish = "the store is full";
    world.message("t", kMessage);
    CHECK(world.engine().stats("r")->actions_failed == 2);
    CHECK(world.publications.empty());
}
