// An HTTP server: listeners, plain and TLS, whose requests go to one handler that may answer later.
#pragma once

#include "base/io/loop.h"
#include "base/io/stream.h"
#include "base/io/tls.h"
#include "base/net/http.h"

#include <functional>
#include <memory>

namespace helio::io {

struct HttpServerLimits {
    net::HttpLimits request;
    std::size_t max_connections = 1000;              // beyond: who has waited longest gives way
    Duration write_time = std::chrono::seconds(30);  // a client that does not read its answer
};

struct HttpServerStats {
    std::uint64_t connections = 0;
    std::uint64_t refused_connections = 0;  // for want of room: they, or those that gave way
    std::uint64_t requests = 0;
    std::uint64_t answers_4xx = 0;  // those of the handler and our own
    std::uint64_t answers_5xx = 0;
};

// The way back for one answer.  Copies share it; the first answer counts.  Where the last copy goes
// without an answer, the client gets 500.  Where the client has gone, all of it does nothing.
class Responder {
  public:
    void respond(const net::HttpResponse& response);

    Peer peer() const;
    const TlsInfo* tls() const;  // null on a plain connection; not kept
    bool alive() const;

    // Takes the connection away from HTTP, instead of an answer: the stream (set a handler at once)
    // and the bytes that the client sent behind its request.  The stream is null where the client
    // has gone.
    struct Upgrade {
        std::unique_ptr<Stream> stream;
        std::string rest;
    };
    Upgrade upgrade();

  private:
    friend class HttpServer;
    struct Pending;
    explicit Responder(std::shared_ptr<Pending> pending) : pending_(std::move(pending)) {}
    std::shared_ptr<Pending> pending_;
};

class HttpServer {
  public:
    using Handler = std::function<void(net::HttpRequest&&, Responder)>;

    HttpServer(Loop& loop, Handler handler, HttpServerLimits limits = {});
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    // Answers the address with its real port, and throws as TcpListener does.
    Peer listen(const Peer& at, std::string_view key);

    // Closes the ports; requests on open connections are served on.
    void stop_listening();

    // A connection that another listener took (TLS, one port for several protocols); `already_read`
    // is what was read from it.
    void serve(std::unique_ptr<Stream> stream, ByteView already_read = {});

    const HttpServerStats& stats() const;
    std::size_t open_connections() const;

  private:
    friend class Responder;
    struct State;
    struct Connection;
    std::unique_ptr<State> state_;
};

}  // namespace helio::io
