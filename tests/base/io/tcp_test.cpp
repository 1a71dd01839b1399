#include "base/io/tcp.h"

#include "tests/base/io/stream_fixture.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::io;

namespace {

// Both ends of one connection.
struct Pair {
    Loop loop;
    End server;
    TcpListener listener;
    End client;

    explicit Pair(const std::string& address = "127.0.0.1:0")
        : listener(loop,
                   *Peer::from_text(address),
                   "test.tcp",
                   [this](std::unique_ptr<Stream> stream) { server.take(std::move(stream)); }),
          client(connect_tcp(loop, listener.local())) {
        REQUIRE(loop.run_until([this] { return server.stream != nullptr; }));
    }
    bool until(const std::function<bool()>& done) { return loop.run_until(done); }
};

}  // namespace

TEST_CASE("bytes go both ways over TCP, with IPv4 and IPv6", "[io][tcp]") {
    Pair p(GENERATE(as<std::string>(), "127.0.0.1:0", "[::1]:0"));
    p.client.stream->write("hello");
    REQUIRE(p.until([&] { return p.server.heard == "hello"; }));
    p.server.stream->write("welcome");
    REQUIRE(p.until([&] { return p.client.heard == "welcome"; }));
    CHECK(p.server.stream->local() == p.listener.local());
    CHECK(p.client.stream->peer() == p.listener.local());
    CHECK(p.server.stream->peer() == p.client.stream->local());
}

TEST_CASE("what is written in one turn arrives as one piece", "[io][tcp]") {
    Pair p;
    for (int i = 0; i < 100; ++i) p.client.stream->write("abc");
    REQUIRE(p.until([&] { return p.server.heard.size() == 300; }));
    CHECK(p.server.data_calls == 1);
}

TEST_CASE("a peer that closes is told with what it said before", "[io][tcp]") {
    Pair p;
    p.client.stream->write("last words");
    p.client.stream.reset();
    REQUIRE(p.until([&] { return p.server.closed.has_value(); }));
    CHECK(p.server.heard == "last words");
    CHECK(p.server.closed == CloseReason::peer_closed);
}

TEST_CASE("shutdown delivers all that was written, however slow the peer", "[io][tcp]") {
    Pair p;
    p.client.stream->pause();
    const std::string big(8u << 20, 'x');
    p.server.stream->write(big);
    p.server.stream->shutdown();
    p.server.stream->write("too late");
    REQUIRE(p.until([&] { return p.server.stream->queued() > 0; }));
    p.client.stream->resume();
    REQUIRE(p.until([&] { return p.client.closed.has_value(); }));
    CHECK(p.client.heard == big);
    CHECK(p.client.closed == CloseReason::peer_closed);
    p.client.stream.reset();
    REQUIRE(p.until([&] { return p.server.closed.has_value(); }));
    CHECK(p.server.closed == CloseReason::shut_down);
}

TEST_CASE("an answer survives that the client still sends", "[io][tcp]") {
    Pair p;
    p.client.stream->write(std::string(1u << 20, 'q'));
    p.server.stream->pause();
    p.server.stream->write("413");
    p.server.stream->shutdown();
    REQUIRE(p.until([&] { return p.client.closed.has_value(); }));
    CHECK(p.client.heard == "413");
    CHECK(p.client.closed == CloseReason::peer_closed);
}

TEST_CASE("a producer sees its queue grow and is told when it is empty", "[io][tcp]") {
    Pair p;
    p.client.stream->pause();
    std::size_t sent = 0;
    while (p.server.stream->queued() < 1u << 20) {
        p.server.stream->write(std::string(1u << 20, 'x'));
        sent += 1u << 20;
        p.loop.run_until([] { return false; }, std::chrono::milliseconds(1));
    }
    CHECK(p.server.drains == 0);
    p.client.stream->resume();
    REQUIRE(p.until([&] { return p.server.drains == 1; }));
    CHECK(p.server.stream->queued() == 0);
    REQUIRE(p.until([&] { return p.client.heard.size() == sent; }));
}

TEST_CASE("a peer that does not read is cut off at the write limit", "[io][tcp]") {
    Pair p;
    p.client.stream->pause();
    p.server.stream->set_write_limit(100'000);
    p.server.stream->write(std::string(60'000, 'x'));
    p.server.stream->write(std::string(60'000, 'x'));
    CHECK_FALSE(p.server.closed);  // never from inside write()
    REQUIRE(p.until([&] { return p.server.closed.has_value(); }));
    CHECK(p.server.closed == CloseReason::write_limit);
}

TEST_CASE("a paused stream hears nothing until it is resumed", "[io][tcp]") {
    Pair p;
    p.server.stream->pause();
    p.client.stream->write("wait");
    p.loop.run_until([] { return false; }, std::chrono::milliseconds(20));
    CHECK(p.server.heard.empty());
    p.server.stream->resume();
    CHECK(p.until([&] { return p.server.heard == "wait"; }));
}

TEST_CASE("a handler may destroy its stream while it reads", "[io][tcp]") {
    struct Hasty final : StreamHandler {
        std::unique_ptr<Stream> stream;
        void on_data(ByteView) override { stream.reset(); }
        void on_close(CloseReason, std::string_view) override { FAIL("we closed it ourselves"); }
    };
    Pair p;
    Hasty hasty;
    hasty.stream = std::move(p.server.stream);
    hasty.stream->set_handler(hasty);
    p.client.stream->write("x");
    REQUIRE(p.until([&] { return p.client.closed.has_value(); }));
    CHECK(hasty.stream == nullptr);
}

TEST_CASE("a connection is handed over by another handler", "[io][tcp]") {
    Pair p;
    p.client.stream->write("http");
    REQUIRE(p.until([&] { return p.server.heard == "http"; }));
    End next;
    next.take(std::move(p.server.stream));
    p.client.stream->write("websocket");
    REQUIRE(p.until([&] { return next.heard == "websocket"; }));
    CHECK(p.server.heard == "http");
}

TEST_CASE("a connection to nobody is refused", "[io][tcp]") {
    Loop loop;
    Peer nobody;
    {
        nobody = TcpListener(loop, Peer::loopback(0), "test.tcp", [](auto) {}).local();
    }
    loop.run_until([] { return false; }, std::chrono::milliseconds(1));
    End client(connect_tcp(loop, nobody));
    client.stream->write("anybody?");
    REQUIRE(loop.run_until([&] { return client.closed.has_value(); }));
    CHECK(client.closed == CloseReason::refused);
    CHECK_FALSE(client.detail.empty());
}

TEST_CASE("a taken TCP port is one sentence that says what to do", "[io][tcp]") {
    Loop loop;
    TcpListener first(loop, Peer::loopback(0), "mqtt.tcp", [](auto) {});
    CHECK_THROWS_WITH(TcpListener(loop, first.local(), "mqtt.tcp", [](auto) {}),
                      "TCP port " + std::to_string(first.local().port) +
                          " on 127.0.0.1 is taken by another program; stop it or set mqtt.tcp");
}

TEST_CASE("four hundred connections at once are all accepted", "[io][tcp]") {
    Loop loop;
    std::vector<std::unique_ptr<End>> servers;
    TcpListener listener(loop, Peer::loopback(0), "test.tcp", [&](std::unique_ptr<Stream> s) {
        servers.push_back(std::make_unique<End>(std::move(s)));
    });
    std::vector<std::unique_ptr<End>> clients;
    for (int i = 0; i < 400; ++i) {
        clients.push_back(std::make_unique<End>(connect_tcp(loop, listener.local())));
        clients.back()->stream->write("x");
    }
    REQUIRE(loop.run_until([&] {
        return servers.size() == clients.size() &&
               std::ranges::all_of(servers, [](const auto& s) { return s->heard == "x"; });
    }));
}
