#include "tests/bridge/api/fixture.h"

using namespace helio;
using namespace helio::bridge::api;
using namespace helio::bridge::api::test;

namespace {

constexpr const char* kArn = "arn:aws:iot:eu-west-1:123456789012:rule/hot";
constexpr const char* kQuery =
    "/tags?resourceArn=arn%3Aaws%3Aiot%3Aeu-west-1%3A123456789012%3Arule%2F";

struct Tagged : World {
    Tagged() {
        REQUIRE(iot("POST", "/rules/hot", R"({"sql":"SELECT * FROM 'a'","actions":[]})").status ==
                200);
    }
    Answer iot(const char* method, const std::string& target, const std::string& body = "") {
        return call(method, target, body, "iot");
    }
    std::string tags() { return iot("GET", std::string(kQuery) + "hot").text; }
};

}  // namespace

TEST_CASE("a rule is tagged, its tags are listed and removed", "[api]") {
    Tagged world;
    const std::string arn = R"({"resourceArn":")" + std::string(kArn) + '"';
    CHECK(world.tags() == R"({"tags":[]})");
    const auto tagged = world.iot(
        "POST", "/tags", arn + R"(,"tags":[{"Key":"site","Value":"roof"},{"Key":"bare"}]})");
    CHECK(tagged.status == 200);
    CHECK(tagged.wait_for > 0);
    CHECK(world.tags() == R"({"tags":[{"Key":"bare","Value":""},{"Key":"site","Value":"roof"}]})");
    CHECK(world.iot("POST", "/untag", arn + R"(,"tagKeys":["bare","none"]})").status == 200);
    CHECK(world.tags() == R"({"tags":[{"Key":"site","Value":"roof"}]})");
    CHECK(world.iot("PATCH", "/rules/hot", R"({"sql":"SELECT 1 FROM 'b'","actions":[]})").status ==
          200);
    CHECK(world.tags() == R"({"tags":[{"Key":"site","Value":"roof"}]})");
}

TEST_CASE("a rule that is not there has no tags", "[api]") {
    Tagged world;
    CHECK(world.iot("GET", std::string(kQuery) + "cold").error() == "ResourceNotFoundException");
    CHECK(world.iot("GET", "/tags?resourceArn=hot").error() == "InvalidRequestException");
    CHECK(world
              .iot("POST",
                   "/tags",
                   R"({"resourceArn":"arn:aws:iot:eu-west-1:999999999999:rule/hot","tags":[]})")
              .status == 404);
}

TEST_CASE("what is wrong with a rule's tags is named", "[api]") {
    Tagged world;
    const auto message = [&](const char* target, const std::string& body) {
        return world.iot("POST", target, body).message();
    };
    CHECK(message("/tags", R"({"tags":[{"Key":""}]})") ==
          "resourceArn is missing: it must be an ARN; "
          "tags[0].Key must be a text of 1 to 128 characters made of letters, digits, blanks and "
          "_.:/=+-@.");
    CHECK(message("/untag", R"({"resourceArn":"arn:x","tagKeys":[1]})") ==
          "tagKeys[0] must be a text of 1 to 128 characters made of letters, digits, blanks and "
          "_.:/=+-@.");
}
