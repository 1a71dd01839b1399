#include "bridge/integration/downlink_command.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::bridge::integration;

namespace {

const Eui64 kDevice = Eui64::from_value(0x0102030405060708);

}  // namespace

TEST_CASE("a downlink command is read with all its fields", "[integration]") {
    const auto command = parse_downlink_command(
        R"({"id":"6f5bf0ea-5b5e-4b0f-8b4d-6d3f4a1f7f1e","devEui":"0102030405060708",
            "confirmed":true,"fPort":10,"data":"AQID","expiresAt":"2026-01-01T00:00:00Z"})",
        kDevice);
    REQUIRE(command);
    CHECK(command->id == "6f5bf0ea-5b5e-4b0f-8b4d-6d3f4a1f7f1e");
    CHECK(command->dev_eui == kDevice);
    CHECK(command->confirmed);
    CHECK(command->fport == 10);
    CHECK(command->data == Bytes{1, 2, 3});
    CHECK_FALSE(command->object);
    CHECK(command->expires_at == from_unix_us(1'767'225'600'000'000));
}

TEST_CASE("what is absent, null or the topic's device has its default", "[integration]") {
    const auto command =
        parse_downlink_command(R"({"id":null,"fPort":1,"unknown":[1,{}]})", kDevice);
    REQUIRE(command);
    CHECK(command->id.empty());
    CHECK(command->dev_eui == kDevice);
    CHECK_FALSE(command->confirmed);
    CHECK(command->data.empty());
    CHECK_FALSE(command->expires_at);
}

TEST_CASE("an object is handed on as JSON and wins over data", "[integration]") {
    const auto command = parse_downlink_command(
        R"({"fPort":1,"data":"AQID","object":{"led": "on", "n": [1, 2.5]}})", kDevice);
    REQUIRE(command);
    CHECK(command->object == R"({"led":"on","n":[1,2.5E0]})");
    CHECK(command->data.empty());
}

TEST_CASE("names of the protocol buffer and numbers as text are proto3 JSON too",
          "[integration]") {
    const auto command = parse_downlink_command(
        R"({"dev_eui":"0102030405060708","f_port":"7","expires_at":"2026-01-01T01:00:00+01:00"})",
        kDevice);
    REQUIRE(command);
    CHECK(command->fport == 7);
    CHECK(command->expires_at == from_unix_us(1'767'225'600'000'000));
}

TEST_CASE("a wrong command is refused with the name of the field", "[integration]") {
    struct Row {
        const char* json;
        const char* field;
        const char* message;
    };
    const auto row = GENERATE(values<Row>({
        {"{", "", "the command is not JSON"},
        {"", "", "the command is not JSON"},
        {"[]", "", "the command must be a JSON object"},
        {R"({"id":5,"fPort":1})", "id", "id must be a string"},
        {R"({"devEui":"0102030405060709","fPort":1})",
         "devEui",
         "devEui 0102030405060709 is not the device of the topic, 0102030405060708"},
        {R"({"devEui":"xyz","fPort":1})", "devEui", "devEui must be 16 hexadecimal digits"},
        {R"({"devEui":1,"fPort":1})", "devEui", "devEui must be 16 hexadecimal digits"},
        {R"({"confirmed":"yes","fPort":1})", "confirmed", "confirmed must be true or false"},
        {R"({"data":"AQID"})", "fPort", "fPort must be a number from 1 to 255"},
        {R"({"fPort":0})", "fPort", "fPort must be a number from 1 to 255"},
        {R"({"fPort":256})", "fPort", "fPort must be a number from 1 to 255"},
        {R"({"fPort":1.5})", "fPort", "fPort must be a number from 1 to 255"},
        {R"({"fPort":-1e300})", "fPort", "fPort must be a number from 1 to 255"},
        {R"({"fPort":"x"})", "fPort", "fPort must be a number from 1 to 255"},
        {R"({"fPort":1,"data":"A*ID"})", "data", "data must be a base64 string"},
        {R"({"fPort":1,"data":[1]})", "data", "data must be a base64 string"},
        {R"({"fPort":1,"object":"x"})", "object", "object must be a JSON object"},
        {R"({"fPort":1,"expiresAt":"tomorrow"})", "expiresAt", "expiresAt must be an RFC 3339 time"},
    }));
    CAPTURE(row.json);
    const auto command = parse_downlink_command(row.json, kDevice);
    REQUIRE_FALSE(command);
    CHECK(command.error().field == row.field);
    CHECK(command.error().message.starts_with(row.message));
}
