#include "base/net/http.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::net;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::EndsWith;
using Catch::Matchers::StartsWith;

namespace {

const Instant kNow = from_unix_us(1'763'724'600'000'000);  // 2025-11-21T11:30:00Z

struct Client {
    HttpConnection connection;
    Instant now = kNow;
    explicit Client(HttpLimits limits = {}) : connection(limits, kNow) {}

    void send(std::string_view text) { connection.feed(bytes_of(text), now); }
    HttpRequest request() {
        auto request = connection.next_request();
        REQUIRE(request);
        return *request;
    }
    std::string answer(const HttpResponse& response = {}) {
        connection.respond(response, now);
        return connection.take_output();
    }
};

}  // namespace

TEST_CASE("a request is taken apart into its parts", "[net][http]") {
    Client c;
    c.send(
        "PUT /things/a%2Fb?x=1&y=%20 HTTP/1.1\r\nHost: server\r\nX-Amz-Date: 2026\r\n"
        "Content-Length: 5\r\n\r\nhello");
    const HttpRequest r = c.request();
    CHECK(r.method == "PUT");
    CHECK(r.target == "/things/a%2Fb?x=1&y=%20");
    CHECK(r.path() == "/things/a%2Fb");
    CHECK(r.query() == "x=1&y=%20");
    CHECK(r.body == "hello");
    CHECK(r.headers ==
          HttpHeaders{{"Host", "server"}, {"X-Amz-Date", "2026"}, {"Content-Length", "5"}});
    CHECK(r.header("x-amz-date") == std::string_view("2026"));
    CHECK_FALSE(r.header("x-amz"));
    CHECK_FALSE(c.connection.next_request());
}

TEST_CASE("a request is the same however its bytes are cut", "[net][http]") {
    const std::string text =
        "POST /a?b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5\r\nhello\r\n1;ext=1\r\n!\r\n0\r\n\r\n";
    for (std::size_t cut = 1; cut < text.size(); ++cut) {
        CAPTURE(cut);
        Client c;
        c.send(text.substr(0, cut));
        CHECK_FALSE(c.connection.next_request());
        c.send(text.substr(cut));
        CHECK(c.request().body == "hello!");
    }
    Client c;
    for (const char byte : text) c.send({&byte, 1});
    CHECK(c.request().body == "hello!");
    c.answer();
    // Found by fuzzing: the parser asserted on a body that is empty and comes byte by byte.
    for (const char byte : text.substr(0, text.find("5\r\n")) + "0\r\n\r\n") c.send({&byte, 1});
    CHECK(c.request().body.empty());
}

TEST_CASE("a response has its length, its date and the connection's fate", "[net][http]") {
    Client c;
    c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    c.request();
    CHECK(c.answer({.status = 404, .headers = {{"X-A", "1"}}, .body = "none"}) ==
          "HTTP/1.1 404 Not Found\r\nDate: Fri, 21 Nov 2025 11:30:00 GMT\r\nX-A: 1\r\n"
          "Content-Length: 4\r\nConnection: keep-alive\r\n\r\nnone");
    CHECK_FALSE(c.connection.closing());
}

TEST_CASE("requests that are sent ahead are answered one after the other", "[net][http]") {
    Client c;
    c.send(
        "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: "
        "2\r\n\r\nok\r\nGET /3 HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(c.request().target == "/1");
    CHECK_FALSE(c.connection.next_request());
    c.answer();
    CHECK(c.request().body == "ok");
    c.answer();
    CHECK(c.request().target == "/3");
}

TEST_CASE("a client that asks for it or speaks HTTP/1.0 is closed after its answer",
          "[net][http]") {
    const auto text = GENERATE(as<std::string>(),
                               "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
                               "GET / HTTP/1.0\r\n\r\n");
    Client c;
    c.send(text);
    c.request();
    CHECK_THAT(c.answer(), ContainsSubstring("Connection: close"));
    CHECK(c.connection.closing());
}

TEST_CASE("in HTTP/1.0 an upgrade is not heard of", "[net][http]") {
    Client c;
    c.send("GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    CHECK(!c.request().header("Upgrade"));
}

TEST_CASE("the answer to HEAD has a length and no body; 204 has neither", "[net][http]") {
    Client c;
    c.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    c.request();
    const std::string head = c.answer({.body = "12345"});
    CHECK_THAT(head, ContainsSubstring("Content-Length: 5\r\n") && EndsWith("\r\n\r\n"));
    c.send("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n");
    c.request();
    CHECK_THAT(c.answer({.status = 204}), !ContainsSubstring("Content-Length"));
}

TEST_CASE("a client that waits for leave to send its body gets it", "[net][http]") {
    Client c;
    c.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    CHECK(c.connection.take_output() == "HTTP/1.1 100 Continue\r\n\r\n");
    c.send("ok");
    CHECK(c.request().body == "ok");
}

TEST_CASE("a body that is too long is refused before it is sent", "[net][http]") {
    Client c({.body_bytes = 10});
    SECTION("by a client that asks for leave") {
        c.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\nExpect: 100-continue\r\n\r\n");
    }
    SECTION("by one whose first bytes come with the header") {
        c.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\n" +
               std::string(60'000, 'x'));
    }
    CHECK_THAT(c.connection.take_output(), StartsWith("HTTP/1.1 413 "));
    CHECK(c.connection.closing());
}

TEST_CASE("a malformed request gets its own status and a clear text", "[net][http]") {
    struct Row {
        const char* request;
        const char* status;
        const char* text;
    };
    const auto row = GENERATE(values<Row>({
        {"nonsense\r\n\r\n", "400", "method"},
        {"\x16\x03\x01\x02\r\n\r\n", "400", "method"},
        {"GET / HTTP/3.0\r\n\r\n", "505", "HTTP/1.1"},
        {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", "400", "target"},
        {"GET thing HTTP/1.1\r\nHost: h\r\n\r\n", "400", "slash"},
        {"GET / HTTP/1.1\r\n\r\n", "400", "Host"},
        {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400", "Host"},
        {"GET / HTTP/1.1\r\nHost h\r\n\r\n", "400", "header line"},
        {"GET / HTTP/1.1\r\nHost: h\r\nA : b\r\n\r\n", "400", "header line"},
        {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", "400", "no number"},
        {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
         "400",
         "contradicts"},
        {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "501", "chunked"},
        {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "501", "chunked"},
        {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
         "chunked\r\n\r\n",
         "400",
         "not supported"},
        {"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "400", "HTTP/1.0"},
        {"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
         "400",
         "Transfer-Encoding"},
        {"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n", "400", "chunk"},
        {"PUT / HTTP/1.1\r\nHost: h\r\nExpect: wonders\r\n\r\n", "417", "Expect"},
    }));
    CAPTURE(row.request);
    Client c;
    c.send(row.request);
    CHECK_FALSE(c.connection.next_request());
    CHECK(c.connection.closing());
    CHECK_THAT(c.connection.take_output(),
               StartsWith(std::string("HTTP/1.1 ") + row.status + ' ') &&
                   ContainsSubstring("{\"message\":") && ContainsSubstring(row.text) &&
                   ContainsSubstring("Connection: close"));
}

TEST_CASE("a header that is too long is refused with 431", "[net][http]") {
    Client c({.header_bytes = 1000});
    SECTION("in one line") { c.send("GET /" + std::string(2000, 'a')); }
    SECTION("in many lines") {
        c.send("GET / HTTP/1.1\r\nHost: h\r\n");
        for (int i = 0; i < 100; ++i) c.send("A: 0123456789\r\n");
    }
    CHECK_THAT(c.connection.take_output(), StartsWith("HTTP/1.1 431 "));
    CHECK(c.connection.closing());
}

TEST_CASE("a chunked body is limited as another, and so is a chunk's header", "[net][http]") {
    Client c({.header_bytes = 1000, .body_bytes = 10});
    c.send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
    SECTION("its body") {
        for (int i = 0; i < 3 && !c.connection.closing(); ++i) c.send("5\r\nhello\r\n");
        CHECK_THAT(c.connection.take_output(), StartsWith("HTTP/1.1 413 "));
    }
    SECTION("a chunk's header") {
        c.send("5;" + std::string(2000, 'a'));
        CHECK_THAT(c.connection.take_output(), StartsWith("HTTP/1.1 400 "));
    }
    CHECK(c.connection.closing());
}

TEST_CASE("a proxy's absolute target is read as its path", "[net][http]") {
    Client c;
    c.send("GET http://h:8080/a?b=1 HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(c.request().target == "/a?b=1");
    c.answer();
    c.send("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n");
    CHECK(c.request().target == "/");
}

TEST_CASE("a slow request gets 408, an idle connection is closed without a word", "[net][http]") {
    Client c({.idle = 75s, .header_time = 10s, .body_time = 60s});
    SECTION("a header in drops") {
        c.send("GET / HTTP/1.1\r\n");
        c.connection.on_time(kNow + 9s);
        CHECK_FALSE(c.connection.closing());
        c.now = kNow + 9s;
        c.send("A: b\r\n");
        c.connection.on_time(kNow + 10s);
        CHECK_THAT(c.connection.take_output(), StartsWith("HTTP/1.1 408 "));
    }
    SECTION("a body in drops") {
        c.send("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nx");
        CHECK(c.connection.deadline() == kNow + 60s);
        c.connection.on_time(kNow + 60s);
        CHECK_THAT(c.connection.take_output(), StartsWith("HTTP/1.1 408 "));
    }
    SECTION("nothing") {
        CHECK(c.connection.deadline() == kNow + 75s);
        c.connection.on_time(kNow + 75s);
        CHECK(c.connection.take_output().empty());
    }
    CHECK(c.connection.closing());
}

TEST_CASE("our own slowness is no reason to close", "[net][http]") {
    Client c;
    c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    c.request();
    CHECK_FALSE(c.connection.deadline());
    c.connection.on_time(kNow + 1h);
    CHECK_FALSE(c.connection.closing());
}

TEST_CASE("a client that sends far ahead is not read for a while", "[net][http]") {
    Client c;
    c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    c.request();
    CHECK(c.connection.wants_input());
    c.send(std::string(70'000, 'x'));
    CHECK_FALSE(c.connection.wants_input());
}

TEST_CASE("what follows an upgrade request is handed over untouched", "[net][http]") {
    Client c;
    c.send(
        "GET /mqtt HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
        "\x82\x05");
    CHECK(c.request().header("upgrade") == std::string_view("websocket"));
    CHECK(c.connection.take_rest() == "\x82\x05");
}

TEST_CASE("a header of a response cannot end its line", "[net][http]") {
    Client c;
    c.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
    c.request();
    CHECK_THAT(c.answer({.headers = {{"X-A", "1\r\nSet-Cookie: x"}}}),
               ContainsSubstring("X-A: 1  Set-Cookie: x\r\n"));
}
