#include "tests/bridge/api/fixture.h"

using namespace helio;
using namespace helio::bridge::api;
using namespace helio::bridge::api::test;

namespace {

HttpRequest list_request() {
    return {
        .method = "GET", .target = "/wireless-gateways", .headers = {{"Host", "127.0.0.1:8080"}}};
}

}  // namespace

TEST_CASE("an unsigned call is told to sign", "[api]") {
    World world;
    const auto answer = world.unsigned_call(list_request());
    CHECK(answer.status == 403);
    CHECK(answer.error() == "MissingAuthenticationTokenException");
    CHECK(answer.message().find("Signature Version 4") != std::string::npos);
    CHECK(world.api.stats().refused_signatures == 1);
}

TEST_CASE("a wrong signature is refused with 403 and changes nothing", "[api]") {
    World world;
    HttpRequest request = world.sign({.method = "POST",
                                      .target = "/destinations",
                                      .headers = {{"Host", "127.0.0.1:8080"}},
                                      .body = R"({"Name":"a"})"},
                                     "iotwireless");
    request.body = R"({"Name":"b"})";
    const auto answer = world.unsigned_call(request);
    CHECK(answer.status == 403);
    CHECK(answer.error() == "InvalidSignatureException");
    CHECK(world.store.filling() == 1);
}

TEST_CASE("an unknown access key is told so", "[api]") {
    World world;
    HttpRequest request = world.sign(list_request(), "iotwireless");
    auto& authorization = request.headers.back().second;
    authorization.replace(authorization.find(kKey.id), kKey.id.size(), "HELIONOBODY000000000");
    CHECK(world.unsigned_call(request).error() == "UnrecognizedClientException");
}

TEST_CASE("a signature of an hour ago has expired", "[api]") {
    World world;
    const HttpRequest request = world.sign(list_request(), "iotwireless");
    world.now += std::chrono::hours(1);
    const auto answer = world.unsigned_call(request);
    CHECK(answer.status == 403);
    CHECK(answer.error() == "RequestExpired");
}

TEST_CASE("the service in the signature's scope decides which operation a path means", "[api]") {
    World world;
    CHECK(world.call("GET", "/wireless-gateways", "", "iotwireless").status == 200);
    CHECK(world.call("GET", "/wireless-gateways", "", "iot").error() ==
          "UnknownOperationException");
    CHECK(world.call("GET", "/endpoint", "", "iot").status == 200);
    CHECK(world.call("GET", "/endpoint", "", "execute-api").status == 200);
    CHECK(world.call("GET", "/wireless-gateways", "", "s3").status == 404);
}

TEST_CASE("health and metrics need no signature", "[api]") {
    World world;
    const auto health = world.unsigned_call({.method = "GET", .target = "/healthz"});
    CHECK(health.status == 200);
    CHECK(health.text == "ok\n");
    const auto metrics = world.unsigned_call({.method = "GET", .target = "/metrics"});
    CHECK(metrics.status == 200);
    CHECK(metrics.text == "helio_up 1\n");
    CHECK(metrics.header("Content-Type").starts_with("text/plain; version=0.0.4"));
}

TEST_CASE("health is bad while the disk cannot be written", "[api]") {
    World world;
    world.log.fail_next(1);
    world.destination();
    world.store.flush(world.now);
    world.store.poll();
    const auto health = world.unsigned_call({.method = "GET", .target = "/healthz"});
    CHECK(health.status == 503);
    CHECK(health.message().find("free space") != std::string::npos);
}

TEST_CASE("every answer carries a request id of its own", "[api]") {
    World world;
    const auto first = world.call("GET", "/destinations");
    const auto second = world.call("GET", "/destinations");
    CHECK(first.header("x-amzn-RequestId").size() == 36);
    CHECK(first.header("x-amzn-RequestId") != second.header("x-amzn-RequestId"));
}

TEST_CASE("a body that is no JSON object is refused", "[api]") {
    World world;
    const auto text = GENERATE(as<std::string>(), "{", "[]", "7", R"({"Name": "a)", "nonsense");
    const auto answer = world.call("POST", "/destinations", text);
    CHECK(answer.status == 400);
    CHECK(answer.error() == "SerializationException");
}

TEST_CASE("a JSON bomb is refused by its depth", "[api]") {
    World world;
    const auto answer = world.call("POST", "/destinations", std::string(100'000, '['));
    CHECK(answer.status == 400);
}

TEST_CASE("a body above the limit is refused before it is read", "[api]") {
    World world;
    const auto answer =
        world.call("POST", "/destinations", std::string(Api::kMaxBodyBytes + 1, ' '));
    CHECK(answer.status == 413);
}

TEST_CASE("a broken escape in path or query is refused", "[api]") {
    World world;
    CHECK(world.call("GET", "/destinations?nextToken=%zz").status == 400);
    CHECK(world.call("GET", "/destinations/%z").status == 404);
    CHECK(world.call("GET", "/destinations/").status == 404);
    CHECK(world.call("GET", "/").status == 404);
}

TEST_CASE("an answer waits for the commit of its change, and so does a read of it", "[api]") {
    World world;
    CHECK(world.call("GET", "/destinations").wait_for == 0);
    const auto created = world.call(
        "POST", "/destinations", R"({"Name":"a","ExpressionType":"MqttTopic","Expression":"t"})");
    REQUIRE(created.status == 201);
    CHECK(created.wait_for == 1);
    CHECK(world.call("GET", "/destinations/a").wait_for == 1);
}
