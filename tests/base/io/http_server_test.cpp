#include "base/io/http_server.h"

#include "base/io/tcp.h"
#include "base/io/tls.h"
#include "tests/base/io/stream_fixture.h"
#include "tests/base/io/test_certificate.h"
#include "tests/support/catch.h"

#include <vector>

using namespace helio;
using namespace helio::io;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

const char* const kGet = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

// A server that keeps its requests until the test answers them.
struct Server {
    Loop loop;
    std::vector<std::pair<net::HttpRequest, Responder>> asked;
    HttpServer http;
    Peer at;

    explicit Server(HttpServerLimits limits = {})
        : http(
              loop,
              [this](net::HttpRequest&& request, Responder responder) {
                  asked.emplace_back(std::move(request), std::move(responder));
              },
              limits),
          at(http.listen(Peer::loopback(0), "http.plain")) {}

    bool until(const std::function<bool()>& done) { return loop.run_until(done); }
};

}  // namespace

TEST_CASE("a handler answers a request later", "[io][http]") {
    Server s;
    End client(connect_tcp(s.loop, s.at));
    client.stream->write(kGet);
    REQUIRE(s.until([&] { return s.asked.size() == 1; }));
    CHECK(s.asked[0].first.target == "/a");
    CHECK(s.asked[0].second.peer() == client.stream->local());
    CHECK(s.asked[0].second.tls() == nullptr);
    CHECK(client.heard.empty());
    s.asked[0].second.respond({.body = "done"});
    REQUIRE(s.until([&] { return !client.heard.empty(); }));
    CHECK_THAT(client.heard, StartsWith("HTTP/1.1 200 OK\r\n") && EndsWith("\r\n\r\ndone"));
    s.asked.clear();
    client.stream->write(kGet);
    REQUIRE(s.until([&] { return s.asked.size() == 1; }));
    CHECK(s.http.stats().connections == 1);
    CHECK(s.http.stats().requests == 2);
}

TEST_CASE("a handler may answer at once, many requests ahead", "[io][http]") {
    Loop loop;
    int count = 0;
    HttpServer http(loop, [&](net::HttpRequest&&, Responder responder) {
        responder.respond({.body = "<" + std::to_string(count++) + ">"});
    });
    End client(connect_tcp(loop, http.listen(Peer::loopback(0), "http.plain")));
    for (int i = 0; i < 500; ++i) client.stream->write(kGet);
    REQUIRE(loop.run_until([&] { return client.heard.ends_with("<499>"); }));
    CHECK(client.heard.find("<7>") < client.heard.find("<8>"));
}

TEST_CASE("a request that no handler answers gets 500", "[io][http]") {
    Server s;
    End client(connect_tcp(s.loop, s.at));
    client.stream->write(kGet);
    REQUIRE(s.until([&] { return s.asked.size() == 1; }));
    s.asked.clear();
    REQUIRE(s.until([&] { return !client.heard.empty(); }));
    CHECK_THAT(client.heard, StartsWith("HTTP/1.1 500 "));
    CHECK(s.http.stats().answers_5xx == 1);
}

TEST_CASE("the answer to a client that has gone is dropped", "[io][http]") {
    Server s;
    End client(connect_tcp(s.loop, s.at));
    client.stream->write(kGet);
    REQUIRE(s.until([&] { return s.asked.size() == 1; }));
    client.stream.reset();
    REQUIRE(s.until([&] { return s.http.open_connections() == 0; }));
    CHECK_FALSE(s.asked[0].second.alive());
    s.asked[0].second.respond({});
    CHECK(s.asked[0].second.upgrade().stream == nullptr);
}

TEST_CASE("a malformed request is answered, counted and closed", "[io][http]") {
    Server s;
    End client(connect_tcp(s.loop, s.at));
    client.stream->write("nonsense\r\n\r\n");
    REQUIRE(s.until([&] { return client.closed.has_value(); }));
    CHECK_THAT(client.heard, StartsWith("HTTP/1.1 400 "));
    CHECK(s.http.stats().answers_4xx == 1);
    CHECK(s.asked.empty());
    client.stream.reset();
    CHECK(s.until([&] { return s.http.open_connections() == 0; }));
}

TEST_CASE("a client that dawdles is told and closed", "[io][http]") {
    Server s({.request = {.header_time = 10ms}});
    End client(connect_tcp(s.loop, s.at));
    client.stream->write("GET / HT");
    REQUIRE(s.until([&] { return client.closed.has_value(); }));
    CHECK_THAT(client.heard, StartsWith("HTTP/1.1 408 "));
}

TEST_CASE("a client that does not read its answer is cut off", "[io][http]") {
    Server s({.write_time = 10ms});
    End client(connect_tcp(s.loop, s.at));
    client.stream->write(kGet);
    REQUIRE(s.until([&] { return s.asked.size() == 1; }));
    client.stream->pause();
    s.asked[0].second.respond({.body = std::string(12u << 20, 'x')});
    CHECK(s.until([&] { return s.http.open_connections() == 0; }));
}

TEST_CASE("beyond the limit who dawdles longest gives way to a new connection", "[io][http]") {
    Server s({.max_connections = 2});
    End first(connect_tcp(s.loop, s.at));
    REQUIRE(s.until([&] { return s.http.open_connections() == 1; }));
    End second(connect_tcp(s.loop, s.at));
    second.stream->write("GET / HT");
    REQUIRE(s.until([&] { return s.http.open_connections() == 2; }));
    End third(connect_tcp(s.loop, s.at));
    third.stream->write(kGet);
    REQUIRE(s.until([&] { return s.asked.size() == 1; }));
    REQUIRE(s.until([&] { return first.closed.has_value(); }));
    CHECK_FALSE(second.closed);
    CHECK(s.http.open_connections() == 2);
    CHECK(s.http.stats().refused_connections == 1);
}

TEST_CASE("connections whose requests are under way give way to nobody", "[io][http]") {
    Server s({.max_connections = 1});
    End first(connect_tcp(s.loop, s.at));
    first.stream->write(kGet);
    REQUIRE(s.until([&] { return s.asked.size() == 1; }));
    End second(connect_tcp(s.loop, s.at));
    REQUIRE(s.until([&] { return second.closed.has_value(); }));
    CHECK(s.http.stats().refused_connections == 1);
    CHECK_FALSE(first.closed);
}

TEST_CASE("an upgrade takes the connection away, with what was sent behind it", "[io][http]") {
    Server s;
    End client(connect_tcp(s.loop, s.at));
    client.stream->write(std::string(kGet) + "first frame");
    REQUIRE(s.until([&] { return s.asked.size() == 1; }));
    Responder::Upgrade upgrade = s.asked[0].second.upgrade();
    s.asked.clear();
    CHECK(upgrade.rest == "first frame");
    CHECK(s.http.open_connections() == 0);
    End other(std::move(upgrade.stream));
    client.stream->write("second");
    REQUIRE(s.until([&] { return other.heard == "second"; }));
    other.stream->write("answer");
    REQUIRE(s.until([&] { return client.heard == "answer"; }));
}

TEST_CASE("an answer may come when the server has gone", "[io][http]") {
    Loop loop;
    std::vector<Responder> kept;
    auto http = std::make_unique<HttpServer>(loop, [&](net::HttpRequest&&, Responder responder) {
        kept.push_back(std::move(responder));
    });
    End client(connect_tcp(loop, http->listen(Peer::loopback(0), "http.plain")));
    client.stream->write(kGet);
    REQUIRE(loop.run_until([&] { return kept.size() == 1; }));
    http.reset();
    kept[0].respond({});
    REQUIRE(loop.run_until([&] { return client.closed.has_value(); }));
    CHECK(client.heard.empty());
}

TEST_CASE("HTTP is served over TLS as well", "[io][http][tls]") {
    Server s;
    const TestCertificate certificate = make_test_certificate("server.test");
    const TlsContext context = TlsContext::server(
        {.certificate_pem = certificate.certificate_pem, .key_pem = certificate.key_pem});
    const TlsListener listener(s.loop, Peer::loopback(0), "http.tls", context, [&](auto stream) {
        s.http.serve(std::move(stream));
    });
    const Peer at = listener.local();
    const TlsContext trusting = TlsContext::client({.ca_pem = certificate.certificate_pem});
    End client(connect_tls(s.loop, at, trusting, "server.test"));
    client.stream->write(kGet);
    REQUIRE(s.until([&] { return s.asked.size() == 1; }));
    REQUIRE(s.asked[0].second.tls() != nullptr);
    CHECK(s.asked[0].second.tls()->server_name == "server.test");
    s.asked[0].second.respond({.body = "secret"});
    CHECK(s.until([&] { return client.heard.ends_with("secret"); }));
    CHECK(listener.stats().handshakes == 1);
    End plain(connect_tcp(s.loop, at));
    plain.stream->write(kGet);
    REQUIRE(s.until([&] { return plain.closed.has_value(); }));
    CHECK(listener.stats().failed == 1);
}
