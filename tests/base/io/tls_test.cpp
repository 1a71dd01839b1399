#include "base/io/tls.h"

#include "base/io/tcp.h"
#include "base/io/timer.h"
#include "tests/base/io/stream_fixture.h"
#include "tests/base/io/test_certificate.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::io;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;

namespace {

const TestCertificate& server_certificate() {
    static const TestCertificate kMade = make_test_certificate("server.test");
    return kMade;
}

TlsServerConfig server_config() {
    return {.certificate_pem = server_certificate().certificate_pem,
            .key_pem = server_certificate().key_pem,
            .client_certificate = ClientCertificate::requested,
            .alpn = {"x-amzn-mqtt-ca", "http/1.1"}};
}

TlsClientConfig client_config() { return {.ca_pem = server_certificate().certificate_pem}; }

struct Server {
    Loop& loop;
    TlsContext context = TlsContext::server(server_config());
    End end;
    TlsListener listener;

    explicit Server(Loop& l, TlsLimits limits = {})
        : loop(l),
          listener(
              l,
              Peer::loopback(0),
              "test.tls",
              context,
              [this](std::unique_ptr<Stream> s) { end.take(std::move(s)); },
              limits) {}
};

}  // namespace

TEST_CASE("bytes go both ways over TLS", "[io][tls]") {
    Loop loop;
    Server server(loop);
    const TlsContext context = TlsContext::client(client_config());
    End client(connect_tls(loop, server.listener.local(), context, "server.test"));
    client.stream->write("hello");
    REQUIRE(loop.run_until([&] { return server.end.heard == "hello"; }));
    const std::string big(300'000, 'x');
    server.end.stream->write(big);
    REQUIRE(loop.run_until([&] { return client.heard.size() == big.size(); }));
    CHECK(client.heard == big);
    CHECK(server.listener.stats().handshakes == 1);
}

TEST_CASE("the handshake tells the name, the protocol and the client's certificate", "[io][tls]") {
    Loop loop;
    Server server(loop);
    const TestCertificate device = make_test_certificate("device-7");
    TlsClientConfig config = client_config();
    config.certificate_pem = device.certificate_pem;
    config.key_pem = device.key_pem;
    config.alpn = {"http/1.1"};
    const TlsContext context = TlsContext::client(config);
    End client(connect_tls(loop, server.listener.local(), context, "server.test"));
    REQUIRE(loop.run_until([&] { return server.end.stream != nullptr; }));
    const TlsInfo* const info = server.end.stream->tls();
    REQUIRE(info != nullptr);
    CHECK(info->server_name == "server.test");
    CHECK(info->alpn == "http/1.1");
    CHECK(info->version == "TLSv1.3");
    REQUIRE(info->peer_certificate.size() > 100);
    CHECK_THAT(std::string(text_of(info->peer_certificate)), ContainsSubstring("device-7"));
}

TEST_CASE("a client without certificate and protocol is served, too", "[io][tls]") {
    Loop loop;
    Server server(loop);
    const TlsContext context = TlsContext::client(client_config());
    End client(connect_tls(loop, server.listener.local(), context, "127.0.0.1"));
    client.stream->write("x");
    REQUIRE(loop.run_until([&] { return server.end.heard == "x"; }));
    CHECK(server.end.stream->tls()->peer_certificate.empty());
    CHECK(server.end.stream->tls()->alpn.empty());
    CHECK(server.end.stream->tls()->server_name.empty());
}

TEST_CASE("a client does not talk to a server of another name or authority", "[io][tls]") {
    Loop loop;
    Server server(loop);
    const bool wrong_name = GENERATE(true, false);
    CAPTURE(wrong_name);
    TlsClientConfig config = client_config();
    if (!wrong_name) config.ca_pem = make_test_certificate("other.test").certificate_pem;
    const TlsContext context = TlsContext::client(config);
    End client(connect_tls(
        loop, server.listener.local(), context, wrong_name ? "other.test" : "server.test"));
    client.stream->write("secret");
    REQUIRE(loop.run_until([&] { return client.closed && server.listener.stats().failed == 1; }));
    CHECK(client.closed == CloseReason::tls_failed);
    CHECK_THAT(client.detail, ContainsSubstring("certificate verify failed"));
    CHECK(server.end.heard.empty());
}

TEST_CASE("closing one end of TLS closes the other with all that was said", "[io][tls]") {
    Loop loop;
    Server server(loop);
    const TlsContext context = TlsContext::client(client_config());
    End client(connect_tls(loop, server.listener.local(), context, "server.test"));
    REQUIRE(loop.run_until([&] { return server.end.stream != nullptr; }));
    SECTION("by shutdown") {
        server.end.stream->write(std::string(200'000, 'x'));
        server.end.stream->shutdown();
        REQUIRE(loop.run_until([&] { return client.closed.has_value(); }));
        CHECK(client.heard.size() == 200'000);
        CHECK(client.closed == CloseReason::peer_closed);
        client.stream.reset();
        REQUIRE(loop.run_until([&] { return server.end.closed.has_value(); }));
        CHECK(server.end.closed == CloseReason::shut_down);
    }
    SECTION("by destruction") {
        server.end.stream->write("bye");
        server.end.stream.reset();
        REQUIRE(loop.run_until([&] { return client.closed.has_value(); }));
        CHECK(client.heard == "bye");
        CHECK(client.closed == CloseReason::peer_closed);
    }
}

TEST_CASE("a client that does not speak TLS is counted and told off", "[io][tls]") {
    Loop loop;
    Server server(loop);
    End client(connect_tcp(loop, server.listener.local()));
    client.stream->write("GET / HTTP/1.1\r\n\r\n");
    REQUIRE(loop.run_until([&] { return client.closed.has_value(); }));
    CHECK(server.listener.stats().failed == 1);
    CHECK_THAT(server.listener.last_error(), ContainsSubstring("http request"));
}

TEST_CASE("a silent client is dropped when the handshake takes too long", "[io][tls]") {
    Loop loop;
    Server server(loop, {.handshake_timeout = 20ms});
    End client(connect_tcp(loop, server.listener.local()));
    REQUIRE(loop.run_until([&] { return client.closed.has_value(); }));
    CHECK(server.listener.stats().timed_out == 1);
}

TEST_CASE("more handshakes at a time than allowed are refused", "[io][tls]") {
    Loop loop;
    Server server(loop, {.max_handshakes = 1});
    End first(connect_tcp(loop, server.listener.local()));
    End second(connect_tcp(loop, server.listener.local()));
    REQUIRE(loop.run_until([&] { return second.closed || first.closed; }));
    CHECK(server.listener.stats().refused == 1);
}

TEST_CASE("a listener that is stopped lets nobody in, also not who is in a handshake",
          "[io][tls]") {
    Loop loop;
    Server server(loop);
    const Peer at = server.listener.local();
    End halfway(connect_tcp(loop, at));
    halfway.stream->write("\x16\x03\x01");
    const TlsContext context = TlsContext::client(client_config());
    End done(connect_tls(loop, at, context, "server.test"));
    REQUIRE(loop.run_until([&] { return server.end.stream != nullptr; }));
    server.listener.stop();
    End late(connect_tcp(loop, at));
    REQUIRE(loop.run_until([&] { return halfway.closed && late.closed; }));
    CHECK(*late.closed == CloseReason::refused);
    done.stream->write("still there");
    CHECK(loop.run_until([&] { return server.end.heard == "still there"; }));
}

TEST_CASE("what came before the handler was set is not lost", "[io][tls]") {
    Loop loop;
    const TlsContext context = TlsContext::server(server_config());
    std::unique_ptr<Stream> waiting;
    TlsListener listener(loop, Peer::loopback(0), "test.tls", context, [&](auto stream) {
        waiting = std::move(stream);
    });
    const TlsContext client_context = TlsContext::client(client_config());
    End client(connect_tls(loop, listener.local(), client_context, "server.test"));
    client.stream->write("early");
    REQUIRE(loop.run_until([&] { return waiting != nullptr; }));
    loop.run_until([] { return false; }, 20ms);
    End late(std::move(waiting));
    REQUIRE(loop.run_until([&] { return late.heard == "early"; }));
}

TEST_CASE("a handler may destroy its TLS stream while it reads", "[io][tls]") {
    struct Hasty final : StreamHandler {
        std::unique_ptr<Stream> stream;
        void on_data(ByteView) override { stream.reset(); }
        void on_close(CloseReason, std::string_view) override { FAIL("we closed it ourselves"); }
    };
    Loop loop;
    Server server(loop);
    const TlsContext context = TlsContext::client(client_config());
    End client(connect_tls(loop, server.listener.local(), context, "server.test"));
    REQUIRE(loop.run_until([&] { return server.end.stream != nullptr; }));
    Hasty hasty;
    hasty.stream = std::move(server.end.stream);
    hasty.stream->set_handler(hasty);
    client.stream->write(std::string(100'000, 'x'));
    REQUIRE(loop.run_until([&] { return client.closed.has_value(); }));
    CHECK(hasty.stream == nullptr);
}

TEST_CASE("a peer that does not read TLS is cut off at the write limit", "[io][tls]") {
    Loop loop;
    Server server(loop);
    const TlsContext context = TlsContext::client(client_config());
    End client(connect_tls(loop, server.listener.local(), context, "server.test"));
    REQUIRE(loop.run_until([&] { return server.end.stream != nullptr; }));
    server.end.stream->set_write_limit(100'000);
    server.end.stream->write(std::string(60'000, 'x'));
    server.end.stream->write(std::string(60'000, 'x'));
    REQUIRE(loop.run_until([&] { return server.end.closed.has_value(); }));
    CHECK(server.end.closed == CloseReason::write_limit);
}

TEST_CASE("a reloaded certificate is shown to the next client", "[io][tls]") {
    Loop loop;
    Server server(loop);
    const TestCertificate renewed = make_test_certificate("renewed.test");
    TlsServerConfig config = server_config();
    config.certificate_pem = renewed.certificate_pem;
    config.key_pem = renewed.key_pem;
    server.context.reload(config);
    const TlsContext context = TlsContext::client({.ca_pem = renewed.certificate_pem});
    End client(connect_tls(loop, server.listener.local(), context, "renewed.test"));
    client.stream->write("x");
    CHECK(loop.run_until([&] { return server.end.heard == "x"; }));
}

TEST_CASE("a certificate or key that cannot be used is one sentence", "[io][tls]") {
    TlsServerConfig config = server_config();
    config.key_pem = make_test_certificate("other").key_pem;
    CHECK_THROWS_WITH(TlsContext::server(config),
                      ContainsSubstring("the TLS key does not belong to the certificate"));
    config.key_pem = "nonsense";
    CHECK_THROWS_WITH(TlsContext::server(config), ContainsSubstring("the TLS key is no PEM key"));
    config.certificate_pem = "nonsense";
    CHECK_THROWS_WITH(TlsContext::server(config),
                      ContainsSubstring("the TLS certificate is no PEM certificate"));
    CHECK_THROWS_WITH(TlsContext::client({.ca_pem = "nonsense"}),
                      ContainsSubstring("the CA file holds no PEM certificate"));
}

TEST_CASE("a ClientHello that announces more than it needs is refused at once", "[io][tls]") {
    Loop loop;
    Server server(loop);
    End client(connect_tcp(loop, server.listener.local()));
    client.stream->write(Bytes{22, 3, 1, 0x40, 0, 1, 0, 0x40, 1, 3, 3});
    REQUIRE(loop.run_until([&] { return client.closed.has_value(); }));
    CHECK(server.listener.stats().failed == 1);
    CHECK_THAT(server.listener.last_error(), ContainsSubstring("the ClientHello is too long"));
}

TEST_CASE("a flood of connections that say nothing does not keep a client out", "[io][tls]") {
    Loop loop;
    Server server(loop, {.max_handshakes = 20});
    std::vector<std::unique_ptr<End>> silent;
    for (int i = 0; i < 50; ++i) {
        silent.push_back(std::make_unique<End>(connect_tcp(loop, server.listener.local())));
    }
    REQUIRE(loop.run_until([&] { return server.listener.stats().refused == 30; }));
    const TlsContext context = TlsContext::client(client_config());
    End client(connect_tls(loop, server.listener.local(), context, "server.test"));
    client.stream->write("hello");
    CHECK(loop.run_until([&] { return server.end.heard == "hello"; }));
}

TEST_CASE("a handshake that comes byte by byte succeeds", "[io][tls]") {
    // Between client and server, each byte is a write of its own.
    struct Dribble final : StreamHandler {
        std::unique_ptr<Stream> from, to;
        bool slow = false;
        void on_data(ByteView bytes) override {
            waiting.insert(waiting.end(), bytes.begin(), bytes.end());
        }
        void on_close(CloseReason, std::string_view) override {}
        void step() {
            const std::size_t count =
                slow ? std::min<std::size_t>(1, waiting.size()) : waiting.size();
            to->write(ByteView(waiting).first(count));
            waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(count));
        }
        Bytes waiting;
    };
    Loop loop;
    Server server(loop);
    Dribble up, down;
    up.slow = true;
    TcpListener between(loop, Peer::loopback(0), "test.tcp", [&](std::unique_ptr<Stream> client) {
        auto onward = connect_tcp(loop, server.listener.local());
        client->set_handler(up);
        onward->set_handler(down);
        up.to = std::move(onward);
        down.to = std::move(client);
    });
    const TlsContext context = TlsContext::client(client_config());
    End client(connect_tls(loop, between.local(), context, "server.test"));
    client.stream->write("hello");
    Timer tick(loop, [&] {
        if (!up.to) return;
        up.step();
        down.step();
    });
    tick.start_every(1ms);
    CHECK(loop.run_until([&] { return server.end.heard == "hello"; }));
}
