#include "bridge/api/http_publish.h"

#include "base/base64.h"
#include "base/store/memory_log.h"
#include "bridge/api/http_publication.h"
#include "bridge/mqtt/session/tables.h"
#include "tests/support/catch.h"

#include <boost/json.hpp>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;

constexpr Instant kNow = from_unix_us(1'769'904'000'000'000);

struct Everybody final : identity::Checker {
    bool is_for(const identity::Credentials&) const override { return true; }
    void check(const identity::Credentials& shown, Instant now, Answer answer) override {
        if (refusal) return answer(fail(*refusal), now);
        answer(std::make_shared<identity::Principal>(
                   identity::PrincipalKind::certificate, "a-certificate", shown),
               now);
    }
    std::optional<identity::Refusal> refusal;
};

struct Policy final : mqtt::Authorizer {
    bool may_connect(const mqtt::Identity*, std::string_view) override { return true; }
    bool may_publish(const mqtt::Identity* who,
                     std::string_view client_id,
                     std::string_view topic,
                     bool retain) override {
        CHECK(who->name() == "a-certificate");
        CHECK(client_id.empty());
        return topic != "secret" && (!retain || topic == "kept");
    }
    bool may_subscribe(const mqtt::Identity*, std::string_view, std::string_view) override {
        return true;
    }
};

struct NoClients final : mqtt::Authenticator {
    void authenticate(const mqtt::ConnectRequest&, Instant, Answer) override {}
};

struct Fixture {
    explicit Fixture(mqtt::Limits limits = {})
        : broker(store, limits, crypto::seeded_random(1), clients, &policy, kNow) {
        gate.add(everybody);
        store.on_durable([this](store::Position p) { broker.on_durable(p, kNow); });
        broker.on_publish([this](const mqtt::PublishedMessage& message, Instant) {
            heard.push_back(std::string(message.topic) + " qos" +
                            std::to_string(static_cast<int>(message.qos)) +
                            (message.retain ? " retain" : "") + ": " +
                            std::string(text_of(message.payload)));
            principal = message.identity->name();
            if (const auto type = message.properties.find<mqtt::PropertyId::content_type>()) {
                content_type = *type;
            }
        });
    }
    ApiAnswer post(std::string target,
                   std::string body = "x",
                   net::HttpHeaders headers = {},
                   std::string method = "POST") {
        std::optional<ApiAnswer> out;
        publish.handle({.way = identity::Way::http,
                        .http = std::make_shared<const net::HttpRequest>(
                            net::HttpRequest{.method = std::move(method),
                                             .target = std::move(target),
                                             .headers = std::move(headers),
                                             .body = std::move(body)})},
                       kNow,
                       [&](ApiAnswer answer) { out = std::move(answer); });
        REQUIRE(out);
        return *std::move(out);
    }
    std::string message(const ApiAnswer& answer) {
        const json::object body = json::parse(answer.body).as_object();
        CHECK(body.at("traceId").as_string().size() == 36);
        return std::string(body.at("message").as_string());
    }

    store::MemoryLog log;
    store::Store store{mqtt::kTables, log};
    NoClients clients;
    Policy policy;
    mqtt::Broker broker;
    Everybody everybody;
    identity::Gate gate;
    HttpPublish publish{gate, broker, &policy, crypto::seeded_random(2)};
    std::vector<std::string> heard;
    std::string principal;
    std::string content_type;
};

TEST_CASE("POST /topics/{topic} publishes its body", "[http-publish]") {
    Fixture f;
    const ApiAnswer answer = f.post("/topics/a/b", "hello");
    CHECK(answer.status == 200);
    CHECK(answer.wait_for == 0);
    CHECK(f.message(answer) == "OK");
    CHECK(f.heard == std::vector<std::string>{"a/b qos0: hello"});
    CHECK(f.principal == "a-certificate");
}

TEST_CASE("the slashes of the topic may be encoded", "[http-publish]") {
    Fixture f;
    CHECK(f.post("/topics/a%2Fb%20c%C3%BC?qos=1&contentType=text%2Fplain").status == 200);
    CHECK(f.heard == std::vector<std::string>{"a/b c\xc3\xbc qos1: x"});
    CHECK(f.content_type == "text/plain");
}

TEST_CASE("QoS 1 is answered when the message cannot be lost", "[http-publish]") {
    Fixture f;
    const ApiAnswer answer = f.post("/topics/kept?qos=1&retain=true");
    CHECK(answer.status == 200);
    CHECK(answer.wait_for > f.store.durable());
    CHECK(f.broker.retained().size() == 1);
}

TEST_CASE("what a policy forbids is 403 with a traceId", "[http-publish]") {
    Fixture f;
    for (const char* target : {"/topics/secret", "/topics/a?retain=true"}) {
        CAPTURE(target);
        const ApiAnswer answer = f.post(target);
        CHECK(answer.status == 403);
        CHECK(f.message(answer) == "Forbidden");
        CHECK(net::find_header(answer.headers, "x-amzn-ErrorType") == "ForbiddenException");
    }
    CHECK(f.heard.empty());
    CHECK(f.publish.stats().forbidden == 2);
}

TEST_CASE("who is not let in gets 403, and learns nothing", "[http-publish]") {
    Fixture f;
    f.everybody.refusal = identity::Refusal{.why = "a revoked certificate"};
    const ApiAnswer answer = f.post("/topics/a");
    CHECK(answer.status == 403);
    CHECK(f.message(answer) == "Forbidden");
    f.everybody.refusal->kind = identity::Refusal::Kind::unavailable;
    CHECK(f.post("/topics/a").status == 503);
    f.everybody.refusal->kind = identity::Refusal::Kind::busy;
    CHECK(f.post("/topics/a").status == 429);
    CHECK(f.heard.empty());
}

TEST_CASE("topics of the server are closed, but for those that are made for clients",
          "[http-publish]") {
    Fixture f;
    CHECK(f.post("/topics/$aws/events/presence/connected/a").status == 403);
    CHECK(f.post("/topics/$SYS/x").status == 403);
    CHECK(f.post("/topics/$aws/rules/r/a").status == 200);
}

TEST_CASE("a request that is no publish is 400 with what is wrong", "[http-publish]") {
    struct Case {
        const char* target;
        net::HttpHeaders headers;
    };
    const std::string list = to_base64(bytes_of("[{\"a\":1}]"));
    const Case cases[] = {
        {"/topics/", {}},
        {"/topics/a%2", {}},
        {"/topics/a/+/b", {}},
        {"/topics/a%00", {}},
        {"/topics/%ff", {}},
        {"/topics/a?qos=2", {}},
        {"/topics/a?qos=", {}},
        {"/topics/a?retain=1", {}},
        {"/topics/a?messageExpiry=soon", {}},
        {"/topics/a?messageExpiry=-1", {}},
        {"/topics/a?messageExpiry=4294967296", {}},
        {"/topics/a?responseTopic=a/%23", {}},
        {"/topics/a?contentType=%ff", {}},
        {"/topics/a", {{"x-amz-mqtt5-user-properties", "no base64!"}}},
        {"/topics/a", {{"x-amz-mqtt5-user-properties", to_base64(bytes_of("{\"a\":\"b\"}"))}}},
        {"/topics/a", {{"x-amz-mqtt5-user-properties", list}}},
        {"/topics/a", {{"x-amz-mqtt5-payload-format-indicator", "UTF8"}}},
        {"/topics/a", {{"x-amz-mqtt5-correlation-data", "%"}}},
    };
    Fixture f;
    for (const Case& c : cases) {
        CAPTURE(c.target);
        const ApiAnswer answer = f.post(c.target, "x", c.headers);
        CHECK(answer.status == 400);
        CHECK_FALSE(f.message(answer).empty());
    }
    CHECK(f.post("/topics/a", "\xff", {{"x-amz-mqtt5-payload-format-indicator", "UTF8_DATA"}})
              .status == 400);
    CHECK(f.post("/topics/" + std::string(f.broker.limits().max_topic_levels, '/')).status == 400);
    CHECK(f.post("/topics/a", "", {}, "GET").status == 405);
    CHECK(f.heard.empty());
}

TEST_CASE("the members of MQTT 5 are read from query and headers", "[http-publish]") {
    const std::string list = "[{\"a\":\"1\"},{\"b\":\"2\",\"c\":\"3\"}]";
    // botocore writes the text as JSON once more.
    for (const std::string& header : {list, json::serialize(json::value(list))}) {
        const auto read = parse_http_publication(
            {.method = "POST",
             .target = "/topics/t?qos=1&retain=true&messageExpiry=60&contentType=application%2Fcbor"
                       "&responseTopic=answers%2Fme",
             .headers = {{"X-Amz-Mqtt5-User-Properties", to_base64(bytes_of(header))},
                         {"x-amz-mqtt5-payload-format-indicator", "UTF8_DATA"},
                         {"x-amz-mqtt5-correlation-data", "AQID"}}});
        REQUIRE(read);
        CHECK(read->at_least_once);
        CHECK(read->retain);
        CHECK(read->expiry_s == 60u);
        CHECK(read->content_type == "application/cbor");
        CHECK(read->response_topic == "answers/me");
        CHECK(read->correlation_data == Bytes{1, 2, 3});
        CHECK(read->payload_is_utf8);
        CHECK(read->user_properties ==
              std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", "2"}, {"c", "3"}});
    }
}

TEST_CASE("strict: a payload by HTTPS has 128 KB", "[http-publish][strict]") {
    Fixture strict(mqtt::strict_limits({}));
    CHECK(strict.post("/topics/t", std::string(131'072, 'x')).status == 200);
    const ApiAnswer over = strict.post("/topics/t", std::string(131'073, 'x'));
    CHECK(over.status == 413);
    CHECK(over.headers.back().second == "RequestEntityTooLargeException");
    CHECK(strict.heard.size() == 1);
    CHECK(Fixture().post("/topics/t", std::string(131'073, 'x')).status == 200);
}

TEST_CASE("strict: the limits of MQTT hold for a message by HTTPS", "[http-publish][strict]") {
    Fixture strict(mqtt::strict_limits({}));
    Fixture standard;
    const std::string properties =
        to_base64(bytes_of(R"([{"k":")" + std::string(8192, 'v') + R"("}])"));
    const std::string correlation = to_base64(Bytes(8193, 'c'));
    struct Case {
        std::string target;
        net::HttpHeaders headers;
    };
    const Case cases[] = {
        {"/topics/" + std::string(257, 't'), {}},
        {"/topics/1/2/3/4/5/6/7/8/9", {}},
        {"/topics/t?contentType=" + std::string(257, 'c'), {}},
        {"/topics/t?responseTopic=" + std::string(257, 'r'), {}},
        {"/topics/t", {{"x-amz-mqtt5-user-properties", properties}}},
        {"/topics/t", {{"x-amz-mqtt5-correlation-data", correlation}}},
    };
    for (const Case& c : cases) {
        INFO(c.target);
        const ApiAnswer answer = strict.post(c.target, "x", c.headers);
        CHECK(answer.status == 400);
        CHECK(answer.headers.back().second == "InvalidRequestException");
        CHECK(standard.post(c.target, "x", c.headers).status == 200);
    }
    CHECK(strict.heard.empty());
}

}  // namespace
}  // namespace helio::bridge::api
