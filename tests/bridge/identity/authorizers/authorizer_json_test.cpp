#include "bridge/identity/authorizers/authorizer_answer.h"
#include "bridge/policy/document.h"
#include "tests/bridge/identity/authorizers/played_outside.h"
#include "tests/support/catch.h"

#include <boost/json.hpp>

namespace helio::bridge::identity::authorizers {
namespace {

namespace json = boost::json;

Credentials over_websocket() {
    const auto upgrade = std::make_shared<net::HttpRequest>(net::HttpRequest{
        .method = "GET",
        .target = "/mqtt?site=north",
        .headers = {{"Host", "hub.example"}, {"X-Amz-CustomAuthorizer-Name", "mine"}},
    });
    return {.way = Way::websocket,
            .address = "192.0.2.7:1",
            .tls = true,
            .server_name = "hub.example",
            .http = upgrade,
            .client_id = "sensor-1",
            .user_name = "sensor",
            .password = Bytes{0x00, 0xff}};
}

Authorized judge(std::string_view text,
                 std::string_view principal = {},
                 std::chrono::seconds min_after = std::chrono::seconds(1)) {
    static DocumentCache documents(
        [](std::string_view document) { return policy::parse_document(document); });
    return parse_authorizer_answer(text, principal, {&documents, min_after});
}
std::string answer_with(const std::string& members) {
    return R"({"isAuthenticated":true,"principalId":"p1","policyDocuments":[)" +
           std::string(kPolicy) + "]" + members + "}";
}
bool refused_for(const Authorized& result, std::string_view part) {
    return !result && result.error().why.find(part) != std::string::npos &&
           result.error().kind == Refusal::Kind::not_authorized;
}

}  // namespace

TEST_CASE(
    "the event has the members of AWS's, a password in base64, and all three protocols of a "
    "WebSocket",
    "[authorizers]") {
    auto request = request_of(over_websocket(), "8c6e9b2a-0000-4000-8000-000000000001");
    request.token = "t1";
    request.signature_verified = true;
    CHECK(json::parse(event_json(request)) == json::parse(R"({
        "token": "t1", "signatureVerified": true, "protocols": ["tls", "http", "mqtt"],
        "protocolData": {
            "tls": {"serverName": "hub.example"},
            "http": {"headers": {"Host": "hub.example", "X-Amz-CustomAuthorizer-Name": "mine"},
                     "queryString": "?site=north"},
            "mqtt": {"username": "sensor", "password": "AP8=", "clientId": "sensor-1"}},
        "connectionMetadata": {"id": "8c6e9b2a-0000-4000-8000-000000000001"}})"));
}

TEST_CASE("blocks and members that do not concern the connection are absent from the event",
          "[authorizers]") {
    const auto plain =
        json::parse(event_json(request_of({.way = Way::mqtt, .client_id = "c"}, "id")));
    CHECK(plain.at("protocols") == json::parse(R"(["mqtt"])"));
    CHECK(plain.at("protocolData") == json::parse(R"({"mqtt":{"clientId":"c"}})"));
    CHECK_FALSE(plain.as_object().contains("token"));

    auto http = over_websocket();
    http.way = Way::http;
    http.tls = false;
    const auto event = json::parse(event_json(request_of(http, "id")));
    CHECK(event.at("protocols") == json::parse(R"(["http"])"));
    CHECK_FALSE(event.at("protocolData").as_object().contains("mqtt"));
}

TEST_CASE("a client certificate is in the event as PEM with its id", "[authorizers]") {
    const auto event =
        json::parse(event_json(request_of({.tls = true, .certificate = Bytes(60, 0x30)}, "id")));
    const json::object& tls = event.at("protocolData").at("tls").as_object();
    const std::string pem(tls.at("x509CertificatePem").as_string());
    CHECK(pem.starts_with("-----BEGIN CERTIFICATE-----\nMDAwMDAw"));
    CHECK(pem.ends_with("\nMDAwMDAwMDAwMDAwMDAw\n-----END CERTIFICATE-----\n") == false);
    CHECK(tls.at("principalId").as_string().size() == 64);
}

TEST_CASE("what is passed is read from headers, from the query and from the user name",
          "[authorizers]") {
    CHECK(passed_value(over_websocket(), kAuthorizerName) == "mine");
    CHECK(passed_value(over_websocket(), "site") == "north");
    CHECK_FALSE(passed_value(over_websocket(), "token"));

    const Credentials shown{.user_name =
                                "user?x-amz-customauthorizer-name=N&x-amz-customauthorizer-"
                                "signature=a%2Bb%3D&tok=v+w&empty="};
    CHECK(passed_value(shown, kAuthorizerName) == "N");
    CHECK(passed_value(shown, kTokenSignature) == "a+b=");
    CHECK(passed_value(shown, "tok") == "v+w");  // a '+' of base64 that was sent as it is
    CHECK(passed_value(shown, "empty") == "");
    CHECK_FALSE(passed_value(shown, "user"));
    CHECK_FALSE(passed_value({.user_name = "x-amz-customauthorizer-name=N"}, kAuthorizerName));
    // What the device SDKs append for their own purposes names no authorizer.
    CHECK_FALSE(
        passed_value({.user_name = "?SDK=IoTDeviceSDK/Python&Platform=x"}, kAuthorizerName));
    CHECK_FALSE(passed_value({.user_name = "u?x-amz-customauthorizer-name=%zz"}, kAuthorizerName));
}

TEST_CASE("an answer that says yes gives the principal, its policies and its times",
          "[authorizers]") {
    const auto granted =
        judge(answer_with(R"(,"disconnectAfterInSeconds":86400,"refreshAfterInSeconds":300)"));
    REQUIRE(granted);
    CHECK(granted->principal_id == "p1");
    CHECK(granted->documents.size() == 1);
    CHECK(granted->disconnect_after == std::chrono::seconds(86400));
    CHECK(granted->refresh_after == std::chrono::seconds(300));
    const std::string text = json::serialize(json::string(kPolicy));
    const auto as_text =
        judge(R"({"isAuthenticated":true,"principalId":"p1","policyDocuments":[)" + text + "]}");
    REQUIRE(as_text);
    REQUIRE(as_text->documents.size() == 1);
    CHECK(as_text->documents[0]->text == kPolicy);
    CHECK(as_text->documents == granted->documents);  // the same document is compiled once
}

TEST_CASE("an answer that says no, or that is not as it must be, lets nobody in", "[authorizers]") {
    CHECK(refused_for(judge(R"({"isAuthenticated":false})"), "says no"));
    struct Row {
        std::string text;
        const char* part;
    };
    const auto with_principal = [](const std::string& id) {
        return R"({"isAuthenticated":true,"principalId":)" + id + R"(,"policyDocuments":[]})";
    };
    const auto with_documents = [](const std::string& list) {
        return R"({"isAuthenticated":true,"principalId":"p","policyDocuments":)" + list + "}";
    };
    std::string eleven = kPolicy;
    for (int i = 0; i < 10; ++i) eleven += std::string(",") + kPolicy;
    const std::string long_resource(2100, 'x');
    for (
        const Row& row : {
            Row{"", "no JSON object"},
            {"[]", "no JSON object"},
            {"{\"isAuthenticated\":true", "no JSON object"},
            {std::string(100'000, ' ') + answer_with(""), "too large"},
            {R"({"a":)" + std::string(200, '[') + std::string(200, ']') + "}", "no JSON object"},
            {R"({"isAuthenticated":false,"isAuthenticated":true})", "no JSON object"},
            {R"({})", "isAuthenticated"},
            {R"({"isAuthenticated":"true"})", "isAuthenticated"},
            {R"({"isAuthenticated":1})", "isAuthenticated"},
            {R"({"isAuthenticated":true})", "principalId"},
            {with_principal("\"\""), "principalId"},
            {with_principal("7"), "principalId"},
            {with_principal("\"a-b\""), "principalId"},
            {with_principal("\"a b\""), "principalId"},
            {with_principal("\"" + std::string(129, 'a') + "\""), "principalId"},
            {with_documents("[]"), "policyDocuments"},
            {with_documents("{}"), "policyDocuments"},
            {with_documents("[" + eleven + "]"), "policyDocuments"},
            {with_documents("[7]"), "neither"},
            {with_documents("[{}]"), "wrong"},
            {with_documents(R"(["{"])"), "wrong"},
            {with_documents(
                 R"([{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iot:Connect","Resource":")" +
                 long_resource + "\"}]}]"),
             "wrong"},
            {answer_with(R"(,"disconnectAfterInSeconds":0)"), "disconnectAfterInSeconds"},
            {answer_with(R"(,"disconnectAfterInSeconds":86401)"), "disconnectAfterInSeconds"},
            {answer_with(R"(,"refreshAfterInSeconds":"300")"), "refreshAfterInSeconds"},
            {answer_with(R"(,"refreshAfterInSeconds":1e3)"), "refreshAfterInSeconds"},
        }) {
        CAPTURE(row.text.substr(0, 120));
        CHECK(refused_for(judge(row.text), row.part));
    }
}

TEST_CASE("a strict server takes no time under five minutes, as AWS", "[authorizers]") {
    const std::string soon = answer_with(R"(,"disconnectAfterInSeconds":299)");
    CHECK(judge(soon));
    CHECK(refused_for(judge(soon, {}, std::chrono::seconds(300)), "from 300 to 86400"));
    CHECK(judge(answer_with(R"(,"refreshAfterInSeconds":300)"), {}, std::chrono::seconds(300)));
}

TEST_CASE("with a client certificate the principal must be that certificate's", "[authorizers]") {
    CHECK(judge(answer_with(""), "p1"));
    CHECK(refused_for(judge(answer_with(""), "p2"), "certificate"));
}

}  // namespace helio::bridge::identity::authorizers
