#include "bridge/identity/sigv4_checker.h"

#include "crypto/digest.h"
#include "crypto/sigv4.h"
#include "tests/support/catch.h"

#include <fmt/format.h>

namespace helio::bridge::identity {
namespace {

namespace sigv4 = crypto::sigv4;

const api::AccessKey kKey{.id = "HELIO0000000000TEST1", .secret = "a secret of this test"};
constexpr Instant kNow = from_unix_us(1'769'904'000'000'000);  // 2026-02-01T00:00:00Z
constexpr std::string_view kHost = "hub.example:443";

struct Signed {
    std::string service = "iotdevicegateway";
    std::string secret = kKey.secret;
    std::string key = kKey.id;
    std::string expires = "86400";  // empty: not said
    std::string signed_headers = "host";
    std::string token;  // added behind the signature
    bool token_is_signed = false;

    // As the SDKs do it: an upgrade whose query is signed, with the hash of nothing.
    net::HttpRequest upgrade() const {
        std::string query =
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=" +
            sigv4::uri_encode(key + "/20260201/eu-west-1/" + service + "/aws4_request") +
            "&X-Amz-Date=20260201T000000Z";
        if (!expires.empty()) query += "&X-Amz-Expires=" + expires;
        if (token_is_signed) query += "&X-Amz-Security-Token=" + token;
        query += "&X-Amz-SignedHeaders=" + sigv4::uri_encode(signed_headers);
        std::string headers = signed_headers == "host" ? "" : "connection:Upgrade\n";
        headers += "host:" + std::string(kHost) + "\n";
        const std::string canonical = "GET\n/mqtt\n" + query + "\n" + headers + "\n" +
                                      signed_headers + "\n" + to_hex(crypto::sha256({}));
        const std::string to_sign = "AWS4-HMAC-SHA256\n20260201T000000Z\n20260201/eu-west-1/" +
                                    service + "/aws4_request\n" +
                                    to_hex(crypto::sha256(bytes_of(canonical)));
        auto derived = crypto::hmac_sha256(bytes_of("AWS4" + secret), bytes_of("20260201"));
        for (const std::string& part :
             {std::string("eu-west-1"), service, std::string("aws4_request")}) {
            derived = crypto::hmac_sha256(derived, bytes_of(part));
        }
        query += "&X-Amz-Signature=" + to_hex(crypto::hmac_sha256(derived, bytes_of(to_sign)));
        if (!token.empty() && !token_is_signed) query += "&X-Amz-Security-Token=" + token;
        return {.method = "GET",
                .target = "/mqtt?" + query,
                .headers = {{"Host", std::string(kHost)}, {"Connection", "Upgrade"}}};
    }
};

struct Door {
    Door() {
        keys.add(kKey);
        gate.add(checker);
    }
    // The name of who comes in, or why not.
    std::string knock(net::HttpRequest request, Way way, Instant now = kNow) {
        const Credentials shown{
            .way = way, .http = std::make_shared<const net::HttpRequest>(std::move(request))};
        std::string out;
        gate.identify(shown, now, [&](const Identified& who, Instant) {
            out = who ? (*who)->name() : who.error().why;
        });
        return out;
    }
    std::string upgrade(const Signed& as, Instant now = kNow) {
        return knock(as.upgrade(), Way::websocket, now);
    }

    api::KeyRing keys;
    SigV4Checker checker{keys};
    Gate gate;
};

net::HttpRequest publish(std::string_view service, std::string_view body = "x") {
    const sigv4::Header host{"host", kHost};
    const sigv4::Request request{.method = "POST",
                                 .path = "/topics/a%2Fb",
                                 .query = "qos=1",
                                 .headers = {&host, 1},
                                 .body = body};
    const auto with = sigv4::sign(request, {kKey.id, kKey.secret}, "eu-west-1", service, kNow);
    return {.method = "POST",
            .target = "/topics/a%2Fb?qos=1",
            .headers = {{"host", std::string(kHost)},
                        {"x-amz-date", with.x_amz_date},
                        {"Authorization", with.authorization}},
            .body = std::string(body)};
}

TEST_CASE("an upgrade is signed in its query for iotdevicegateway", "[sigv4]") {
    Door door;
    CHECK(door.upgrade({}) == kKey.id);
    CHECK(door.upgrade({.signed_headers = "connection;host"}) == kKey.id);
    CHECK(door.upgrade({.expires = ""}) == kKey.id);
    CHECK(door.upgrade({.service = "iotdata"}) == "a signature for another service");
    CHECK(door.upgrade({.service = "iot"}) == "a signature for another service");
}

TEST_CASE("the security token of an upgrade stands outside its signature", "[sigv4]") {
    Door door;
    CHECK(door.upgrade({.token = "IQoJb3JpZ2luX2Vj%2B"}) == kKey.id);
    CHECK(door.upgrade({.token = "abc", .token_is_signed = true}) == "a signature that is wrong");
}

TEST_CASE("a signature ends with X-Amz-Expires, at the latest after a day", "[sigv4]") {
    using namespace std::chrono_literals;
    Door door;
    CHECK(door.upgrade({.expires = "60"}, kNow + 60s) == kKey.id);
    CHECK(door.upgrade({.expires = "60"}, kNow + 61s) ==
          "a signature that is too old or from the future");
    CHECK(door.upgrade({.expires = "86401"}) ==
          "a signature that would be good for more than a day");
    CHECK(door.upgrade({}, kNow - 16min) == "a signature that is too old or from the future");
}

TEST_CASE("another secret, another key and another request are refused", "[sigv4]") {
    Door door;
    CHECK(door.upgrade({.secret = "another"}) == "a signature that is wrong");
    CHECK(door.upgrade({.key = "HELIO0000000000TEST2"}) ==
          "a signature with an access key that is not known");
    net::HttpRequest request = Signed{}.upgrade();
    request.target += "&x=1";
    CHECK(door.knock(request, Way::websocket) == "a signature that is wrong");
    request = Signed{}.upgrade();
    request.headers[0].second = "other.example";
    CHECK(door.knock(request, Way::websocket) == "a signature that is wrong");
    request.target = "/mqtt?X-Amz-Signature=00";
    CHECK(door.knock(request, Way::websocket) == "a signature that cannot be read");
}

TEST_CASE("a publish is signed in its header, for iotdata or iotdevicegateway", "[sigv4]") {
    Door door;
    CHECK(door.knock(publish("iotdata"), Way::http) == kKey.id);
    CHECK(door.knock(publish("iotdevicegateway"), Way::http) == kKey.id);
    CHECK(door.knock(publish("iotwireless"), Way::http) == "a signature for another service");
    net::HttpRequest changed = publish("iotdata");
    changed.body = "y";
    CHECK(door.knock(changed, Way::http) == "a signature that is wrong");
}

TEST_CASE("what is not signed is for other checkers", "[sigv4]") {
    CHECK_FALSE(SigV4Checker::is_signed({.target = "/mqtt?x-amz-customauthorizer-name=a"}));
    CHECK_FALSE(SigV4Checker::is_signed({.headers = {{"Authorization", "Bearer abc"}}}));
    Door door;
    CHECK_FALSE(door.checker.is_for({}));
}

}  // namespace
}  // namespace helio::bridge::identity
