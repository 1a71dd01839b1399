#include "base/io/http_client.h"

#include "base/io/http_server.h"
#include "base/io/tcp.h"
#include "tests/base/io/stream_fixture.h"
#include "tests/base/io/test_certificate.h"
#include "tests/support/catch.h"

#include <vector>

using namespace helio;
using namespace helio::io;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

HttpClientOptions direct() { return {.proxy_of_environment = false}; }

// A server that echoes, or keeps its requests where it is told to.
struct World {
    Loop loop;
    bool keep = false;
    std::vector<std::pair<net::HttpRequest, Responder>> kept;
    HttpServer server{
        loop, [this](net::HttpRequest&& request, Responder responder) {
            if (keep) {
                kept.emplace_back(std::move(request), std::move(responder));
                return;
            }
            const auto token = request.header("X-Token").value_or("none");
            responder.respond({.status = 201,
                               .headers = {{"X-Seen", std::string(token)}},
                               .body = request.method + ' ' + request.target + ' ' + request.body});
        }};
    std::string url = "http://" + server.listen(Peer::loopback(0), "http.plain").text();
    std::vector<HttpClientAnswer> answers;

    HttpClient::Done take() {
        return [this](HttpClientAnswer&& answer) { answers.push_back(std::move(answer)); };
    }
    bool until_answered(std::size_t count) {
        return loop.run_until([&] { return answers.size() == count; });
    }
};

}  // namespace

TEST_CASE("a request reaches its server and the answer comes back", "[io][http_client]") {
    World w;
    HttpClient client(w.loop, direct());
    REQUIRE(client.send({.method = "POST",
                         .url = w.url + "/a?b=%20",
                         .headers = {{"X-Token", "t"}},
                         .body = "hello"},
                        w.take()));
    REQUIRE(w.until_answered(1));
    CHECK(w.answers[0].error.empty());
    CHECK(w.answers[0].status == 201);
    CHECK(w.answers[0].body == "POST /a?b=%20 hello");
    CHECK(net::find_header(w.answers[0].headers, "x-seen") == std::string_view("t"));
}

TEST_CASE("every method is sent as it is written", "[io][http_client]") {
    World w;
    HttpClient client(w.loop, direct());
    const auto method = GENERATE(as<std::string>(), "GET", "PUT", "PATCH", "DELETE");
    REQUIRE(client.send({.method = method, .url = w.url + "/"}, w.take()));
    REQUIRE(w.until_answered(1));
    CHECK_THAT(w.answers[0].body, ContainsSubstring(method + " /"));
}

TEST_CASE("requests beyond the limits wait, then are refused", "[io][http_client]") {
    World w;
    w.keep = true;
    HttpClientOptions options = direct();
    options.max_running = 2;
    options.max_queued = 1;
    HttpClient client(w.loop, options);
    for (int i = 0; i < 3; ++i) REQUIRE(client.send({.url = w.url + "/"}, w.take()));
    CHECK_FALSE(client.send({.url = w.url + "/"}, w.take()));
    CHECK(client.running() == 2);
    CHECK(client.queued() == 1);
    REQUIRE(w.loop.run_until([&] { return w.kept.size() == 2; }));
    w.kept.clear();  // answers with 500
    REQUIRE(w.loop.run_until([&] { return w.kept.size() == 1; }));
    w.kept.clear();
    REQUIRE(w.until_answered(3));
    CHECK(w.answers[2].status == 500);
}

TEST_CASE("connections are used again", "[io][http_client]") {
    World w;
    HttpClient client(w.loop, direct());
    for (std::size_t i = 1; i <= 5; ++i) {
        REQUIRE(client.send({.url = w.url + "/"}, w.take()));
        REQUIRE(w.until_answered(i));
    }
    CHECK(w.server.stats().connections == 1);
}

TEST_CASE("a server that does not answer in time is an error", "[io][http_client]") {
    World w;
    w.keep = true;
    HttpClient client(w.loop, direct());
    REQUIRE(client.send({.url = w.url + "/", .timeout = 30ms}, w.take()));
    REQUIRE(w.until_answered(1));
    CHECK(w.answers[0].status == 0);
    CHECK_THAT(w.answers[0].error, ContainsSubstring("timed out"));
}

TEST_CASE("a server that is not there is an error, and so is another protocol",
          "[io][http_client]") {
    World w;
    HttpClient client(w.loop, direct());
    Peer nobody;
    {
        nobody = TcpListener(w.loop, Peer::loopback(0), "test.tcp", [](auto) {}).local();
    }
    w.loop.run_until([] { return false; }, 1ms);
    const auto url = GENERATE_REF(
        as<std::string>(), "http://" + nobody.text() + "/", "file:///etc/hostname", "nonsense://x");
    CAPTURE(url);
    REQUIRE(client.send({.url = url}, w.take()));
    REQUIRE(w.until_answered(1));
    CHECK(w.answers[0].status == 0);
    CHECK_FALSE(w.answers[0].error.empty());
    CHECK(w.answers[0].body.empty());
}

TEST_CASE("an answer that is too long is cut off", "[io][http_client]") {
    World w;
    HttpClientOptions options = direct();
    options.max_answer_bytes = 100;
    HttpClient client(w.loop, options);
    REQUIRE(client.send({.method = "POST", .url = w.url, .body = std::string(200, 'x')}, w.take()));
    REQUIRE(w.until_answered(1));
    CHECK(w.answers[0].status == 0);
    CHECK_THAT(w.answers[0].error, ContainsSubstring("longer than 100 bytes"));
}

TEST_CASE("a header's value cannot bring another header along", "[io][http_client]") {
    World w;
    w.keep = true;
    HttpClient client(w.loop, direct());
    REQUIRE(
        client.send({.url = w.url, .headers = {{"X-A", "1\r\nX-B: 2"}, {"X-C", "3"}}}, w.take()));
    REQUIRE(w.loop.run_until([&] { return w.kept.size() == 1; }));
    CHECK_FALSE(w.kept[0].first.header("X-B"));
    CHECK(w.kept[0].first.header("X-C") == std::string_view("3"));
}

TEST_CASE("only a server whose certificate holds is spoken to", "[io][http_client]") {
    World w;
    const TestCertificate certificate = make_test_certificate("localhost");
    const TlsContext context = TlsContext::server(
        {.certificate_pem = certificate.certificate_pem, .key_pem = certificate.key_pem});
    const TlsListener listener(w.loop, Peer::loopback(0), "http.tls", context, [&](auto stream) {
        w.server.serve(std::move(stream));
    });
    const Peer at = listener.local();
    const std::string url = "https://" + at.text() + "/";
    SECTION("of a trusted authority") {
        HttpClientOptions options = direct();
        options.ca_pem = certificate.certificate_pem;
        HttpClient client(w.loop, options);
        REQUIRE(client.send({.url = url}, w.take()));
        REQUIRE(w.until_answered(1));
        CHECK(w.answers[0].error.empty());
        CHECK(w.answers[0].status == 201);
    }
    SECTION("of another") {
        HttpClient client(w.loop, direct());
        REQUIRE(client.send({.url = url}, w.take()));
        REQUIRE(w.until_answered(1));
        CHECK(w.answers[0].status == 0);
        CHECK_THAT(w.answers[0].error, ContainsSubstring("certificate"));
        CHECK(w.server.stats().requests == 0);
    }
}

TEST_CASE("a client that goes drops what runs and what waits", "[io][http_client]") {
    World w;
    w.keep = true;
    HttpClientOptions options = direct();
    options.max_running = 1;
    {
        HttpClient client(w.loop, options);
        for (int i = 0; i < 2; ++i) REQUIRE(client.send({.url = w.url}, w.take()));
        REQUIRE(w.loop.run_until([&] { return w.kept.size() == 1; }));
    }
    REQUIRE(w.loop.run_until([&] { return w.server.open_connections() == 0; }));
    CHECK(w.answers.empty());
}
