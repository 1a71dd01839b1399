// Documents that somebody has written to hurt.
#include "bridge/policy/evaluation.h"
#include "tests/support/catch.h"

#include <string>

using namespace helio::bridge::policy;

namespace {

constexpr DocumentLimits kRoomy{.characters = 1'000'000};

std::string statement(const std::string& resource, const std::string& more = "") {
    return R"({"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iot:*","Resource":)" +
           resource + more + "}}";
}

std::string error_of(const std::string& text, const DocumentLimits& limits = {}) {
    const auto document = parse_document(text, limits);
    return document ? "" : document.error();
}

Decision decision_of(const DocumentPtr& document, const std::string& resource) {
    const Context context({.client_id = "dev1"});
    return decide(std::span(&document, 1), {"iot:Publish", resource}, context);
}

std::string repeated(std::string_view piece, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += piece;
    return out;
}

}  // namespace

TEST_CASE("a document has at most 2048 characters, white space not counted", "[policy]") {
    const std::string frame = statement("\"arn:\"");
    const std::string fits = statement("\"arn:" + std::string(2048 - frame.size(), 'x') + "\"");
    CHECK(error_of(fits).empty());
    CHECK(error_of(std::string(3000, ' ') + fits + "\n\t\r").empty());
    CHECK(error_of(statement("\"arn:" + std::string(2049 - frame.size(), 'x') + "\"")) ==
          "the policy document has 2049 characters without white space; it may have 2048");
    CHECK(error_of(statement("\"*\"") + std::string(1'000'000, ' ')) ==
          "the policy document has 87 characters without white space; it may have 2048");
}

TEST_CASE("deep nesting is refused", "[policy]") {
    CHECK(error_of(repeated("[", 1000)) == "the policy document is not JSON: too deep");
    CHECK(error_of(repeated(R"({"Statement":)", 100)) ==
          "the policy document is not JSON: too deep");
}

TEST_CASE("text that is not UTF-8 is refused", "[policy]") {
    CHECK_THAT(error_of(statement("\"arn:\xc3\x28\"")),
               Catch::Matchers::ContainsSubstring("is not JSON"));
    CHECK(error_of(statement("\"arn:aws:iot:*:*:topic/\xf0\x9f\x98\x80/?\"")).empty());
}

TEST_CASE("ten thousand wildcards, resources or conditions are decided at once", "[policy]") {
    const auto wild = parse_document(statement("\"arn:" + repeated("*a", 10'000) + "\""), kRoomy);
    REQUIRE(wild);
    CHECK(decision_of(*wild, "arn:" + std::string(65'000, 'a')) == Decision::allowed);
    CHECK(decision_of(*wild, "arn:" + std::string(65'000, 'a') + "b") == Decision::implicit_deny);

    std::string list = "[";
    for (int i = 0; i < 10'000; ++i) list += "\"arn:" + std::to_string(i) + "\",";
    const auto many = parse_document(statement(list + "\"arn:x\"]"), kRoomy);
    REQUIRE(many);
    CHECK(decision_of(*many, "arn:9999") == Decision::allowed);
    CHECK(decision_of(*many, "arn:10000") == Decision::implicit_deny);

    std::string operands = "[";
    for (int i = 0; i < 10'000; ++i) operands += "\"${iot:ClientId}" + std::to_string(i) + "*\",";
    operands += "\"dev1\"]";
    const auto conditions = parse_document(
        statement("\"*\"", R"(,"Condition":{"StringLike":{"iot:ClientId":)" + operands + "}}"),
        kRoomy);
    REQUIRE(conditions);
    CHECK(decision_of(*conditions, "arn:x") == Decision::allowed);
}

TEST_CASE("a member that comes twice counts once, as the last says", "[policy]") {
    const auto document = parse_document(
        R"({"Statement":{"Effect":"Allow","Effect":"Deny","Action":"iot:*","Resource":"*"}})");
    REQUIRE(document);
    CHECK(decision_of(*document, "arn:x") == Decision::explicit_deny);
}
