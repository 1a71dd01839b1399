#include "crypto/sigv4.h"

#include "tests/support/catch.h"

#include <fstream>
#include <map>

using namespace helio;
using namespace helio::crypto;
using sigv4::Payload;
using sigv4::SignatureError;

namespace {

// One block of tests/data/sigv4/vectors.txt, made with botocore.
struct Vector {
    std::map<std::string, std::string> field;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;

    Instant time() const { return Instant(std::chrono::seconds(std::stoll(field.at("time")))); }
    std::string secret() const { return field.at("secret"); }
    bool presigned() const { return field.at("authorization").empty(); }

    std::vector<sigv4::Header> header_views() const {
        std::vector<sigv4::Header> views;
        for (const auto& [name, value] : headers) views.push_back({name, value});
        if (!presigned()) views.push_back({"Authorization", field.at("authorization")});
        return views;
    }
};

sigv4::Request request_of(const Vector& v, const std::vector<sigv4::Header>& headers) {
    return {.method = v.field.at("method"),
            .path = v.field.at("path"),
            .query = v.field.at("query"),
            .headers = headers,
            .body = v.body};
}

std::vector<Vector> vectors() {
    std::ifstream file(HELIO_TEST_DATA "/sigv4/vectors.txt");
    std::vector<Vector> out(1);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        if (line.empty()) {
            if (!out.back().field.empty()) out.emplace_back();
            continue;
        }
        const auto space = line.find(' ');
        const std::string name = line.substr(0, space);
        const std::string value = space == std::string::npos ? "" : line.substr(space + 1);
        if (name == "header") {
            const auto colon = value.find(':');
            out.back().headers.emplace_back(value.substr(0, colon), value.substr(colon + 1));
        } else if (name == "body") {
            out.back().body = std::string(text_of(*from_hex(value)));
        } else {
            out.back().field[name] = value;
        }
    }
    out.pop_back();
    return out;
}

Vector vector_named(std::string_view name) {
    for (Vector& v : vectors()) {
        if (v.field["name"] == name) return v;
    }
    throw std::runtime_error("no vector of that name");
}

// What the server says of the request: nothing, or why not.
std::optional<SignatureError> judge(const Vector& v,
                                    Instant now,
                                    std::string_view secret,
                                    Payload payload = Payload::must_be_signed) {
    const auto headers = v.header_views();
    const auto request = request_of(v, headers);
    const auto claim = sigv4::read_claim(request);
    if (!claim) return claim.error();
    const auto verdict = sigv4::verify(request, *claim, secret, now, payload);
    if (!verdict) return verdict.error();
    return std::nullopt;
}
std::optional<SignatureError> judge(const Vector& v) { return judge(v, v.time(), v.secret()); }

}  // namespace

TEST_CASE("what botocore signs is accepted", "[crypto][sigv4]") {
    const auto all = vectors();
    REQUIRE(all.size() == 14);
    for (const Vector& v : all) {
        CAPTURE(v.field.at("name"));
        CHECK(judge(v, v.time(), v.secret(), Payload::may_be_unsigned) == std::nullopt);
    }
}

TEST_CASE("our signer makes botocore's signatures", "[crypto][sigv4]") {
    for (const Vector& v : vectors()) {
        if (v.presigned() || v.field.at("name") == "an unsigned payload") continue;
        CAPTURE(v.field.at("name"));
        std::vector<sigv4::Header> headers;
        for (const auto& [name, value] : v.headers) {
            if (name != "X-Amz-Date") headers.push_back({name, value});
        }
        const auto made = sigv4::sign(request_of(v, headers),
                                      {v.field.at("key"), v.field.at("secret")},
                                      v.field.at("region"),
                                      v.field.at("service"),
                                      v.time());
        CHECK(made.authorization == v.field.at("authorization"));
    }
}

TEST_CASE("the claim tells who signs for which service", "[crypto][sigv4]") {
    const Vector v = vector_named("post with a body");
    const auto headers = v.header_views();
    const auto claim = sigv4::read_claim(request_of(v, headers));
    REQUIRE(claim);
    CHECK(claim->access_key_id == "HELIOTESTONLY0000001");
    CHECK(claim->scope == sigv4::Scope{"20260131", "eu-west-1", "iotwireless"});
    CHECK_FALSE(claim->presigned);
}

TEST_CASE("any change to what was signed breaks the signature", "[crypto][sigv4]") {
    const Vector whole = vector_named("post with a body");
    Vector v = whole;
    SECTION("the body") { v.body += ' '; }
    SECTION("the method") { v.field["method"] = "PUT"; }
    SECTION("the path") { v.field["path"] += "/x"; }
    SECTION("the query") { v.field["query"] = "a=b"; }
    SECTION("a signed header") { v.headers.back().second = "127.0.0.1:8081"; }
    SECTION("the service in the scope") {
        auto& text = v.field["authorization"];
        text.replace(text.find("/iotwireless/"), 13, "/iot/");
    }
    CHECK(judge(v) == SignatureError::mismatch);
}

TEST_CASE("another secret does not verify", "[crypto][sigv4]") {
    const Vector v = vector_named("get without a query");
    CHECK(judge(v, v.time(), "test-only+secret/0123456789abcdefABCDEF01") ==
          SignatureError::mismatch);
}

TEST_CASE("a signature is good for fifteen minutes on either side", "[crypto][sigv4]") {
    const Vector v = vector_named("get without a query");
    const auto at = [&](std::chrono::seconds offset) {
        return judge(v, v.time() + offset, v.secret());
    };
    using namespace std::chrono_literals;
    CHECK(at(15min) == std::nullopt);
    CHECK(at(15min + 1s) == SignatureError::expired);
    CHECK(at(-15min) == std::nullopt);
    CHECK(at(-15min - 1s) == SignatureError::expired);
}

TEST_CASE("a presigned query is good until it expires", "[crypto][sigv4]") {
    const Vector v = vector_named("presigned for 60 s");
    using namespace std::chrono_literals;
    CHECK(judge(v, v.time() + 60s, v.secret()) == std::nullopt);
    CHECK(judge(v, v.time() + 61s, v.secret()) == SignatureError::expired);
}

TEST_CASE("a request without a signature is told so", "[crypto][sigv4]") {
    const std::vector<sigv4::Header> headers = {{"Host", "h"}};
    const auto claim = sigv4::read_claim({.method = "GET", .path = "/rules", .headers = headers});
    REQUIRE_FALSE(claim);
    CHECK(claim.error() == SignatureError::missing);
}

TEST_CASE("a signature cut short or of another kind is incomplete", "[crypto][sigv4]") {
    Vector v = vector_named("get without a query");
    auto& text = v.field["authorization"];
    SECTION("another algorithm") { text = "Bearer abc"; }
    SECTION("no credential") { text.replace(text.find("Credential"), 10, "Kredential"); }
    SECTION("a scope of four parts") { text.replace(text.find("/eu-west-1"), 10, ""); }
    SECTION("a signature of 63 digits") { text.pop_back(); }
    SECTION("a scope of another day") { text.replace(text.find("20260131"), 8, "20260130"); }
    SECTION("a date that is none") { v.headers.front().second = "20261331T235958Z"; }
    SECTION("no date") { v.headers.erase(v.headers.begin()); }
    SECTION("a header named twice") {
        text.replace(text.find("host;x-amz-date"), 15, "host;host;x-amz-date");
    }
    CHECK(judge(v) == SignatureError::incomplete);
}

TEST_CASE("every cut of an authorization header is refused, never read past its end",
          "[crypto][sigv4]") {
    const Vector whole = vector_named("get without a query");
    const std::string& text = whole.field.at("authorization");
    for (std::size_t size = 1; size < text.size(); ++size) {
        Vector v = whole;
        v.field["authorization"] = text.substr(0, size);
        REQUIRE(judge(v) == SignatureError::incomplete);
    }
}

TEST_CASE("an x-amz header outside the signature is refused", "[crypto][sigv4]") {
    Vector v = vector_named("post with a body");
    v.headers.emplace_back("x-amz-tagging", "a=b");
    CHECK(judge(v) == SignatureError::header_not_signed);
}

TEST_CASE("an unsigned payload is refused unless the caller allows it", "[crypto][sigv4]") {
    const Vector v = vector_named("an unsigned payload");
    CHECK(judge(v) == SignatureError::payload_not_signed);
    CHECK(judge(v, v.time(), v.secret(), Payload::may_be_unsigned) == std::nullopt);
}

TEST_CASE("text survives URI encoding and back", "[crypto][sigv4]") {
    const std::string text = "a b/ü+%:~-_.";
    CHECK(sigv4::uri_encode(text) == "a%20b%2F%C3%BC%2B%25%3A~-_.");
    CHECK(sigv4::uri_decode(sigv4::uri_encode(text)) == text);
    CHECK_FALSE(sigv4::uri_decode("a%4"));
    CHECK_FALSE(sigv4::uri_decode("a%zz"));
}
