#include "base/io/http_server.h"

#include "base/io/tcp.h"
#include "base/io/timer.h"

#include <unordered_map>
#include <utility>
#include <vector>

namespace helio::io {
namespace {

constexpr std::chrono::seconds kSweepPeriod{1};

}  // namespace

struct HttpServer::Connection final : StreamHandler, std::enable_shared_from_this<Connection> {
    Connection(State& s, std::unique_ptr<Stream> taken);

    void on_data(ByteView bytes) override;
    void on_drain() override { blocked_since.reset(); }
    void on_close(CloseReason, std::string_view) override;
    void on_time(Instant now);
    void respond(const net::HttpResponse& response);
    // Sends what HTTP has to say, hands on what it has read, and closes where it is done.
    void advance();

    State* server;  // null: closed or upgraded
    std::unique_ptr<Stream> stream;
    net::HttpConnection http;
    std::optional<Instant> blocked_since;
    bool advancing = false;
    bool paused = false;
    bool ended = false;  // nothing but the last output is left
};

struct HttpServer::State {
    State(Loop& l, Handler h, HttpServerLimits bounds)
        : loop(l), handler(std::move(h)), limits(bounds), sweep(l, [this] { sweep_all(); }) {}

    void add(std::unique_ptr<Stream> stream, ByteView already_read);
    void remove(Connection& connection);
    bool make_room();
    void sweep_all();
    void count(int status) {
        if (status >= 500) {
            ++stats.answers_5xx;
        } else if (status >= 400) {
            ++stats.answers_4xx;
        }
    }

    Loop& loop;
    Handler handler;
    HttpServerLimits limits;
    HttpServerStats stats;
    Timer sweep;
    std::vector<std::unique_ptr<TcpListener>> plain;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
};

struct Responder::Pending {
    std::weak_ptr<HttpServer::Connection> connection;
    bool answered = false;

    ~Pending() {
        if (!answered) answer(net::http_error(500, "the server has no answer to this request"));
    }
    void answer(const net::HttpResponse& response) {
        if (answered) return;
        answered = true;
        if (const auto to = connection.lock()) to->respond(response);
    }
};

HttpServer::Connection::Connection(State& s, std::unique_ptr<Stream> taken)
    : server(&s), stream(std::move(taken)), http(s.limits.request, s.loop.now()) {}

void HttpServer::Connection::on_data(ByteView bytes) {
    const auto self = shared_from_this();
    http.feed(bytes, server->loop.now());
    advance();
}

void HttpServer::Connection::advance() {
    if (advancing) return;  // a handler answers at once: the loop below goes on
    advancing = true;
    while (server != nullptr) {
        if (const std::string output = http.take_output(); !output.empty()) {
            stream->write(output);
        }
        auto request = http.next_request();
        if (!request) break;
        ++server->stats.requests;
        auto pending = std::make_shared<Responder::Pending>();
        pending->connection = weak_from_this();
        server->handler(std::move(*request), Responder(std::move(pending)));
    }
    advancing = false;
    if (server == nullptr) return;
    if (http.closing()) {
        if (!std::exchange(ended, true)) {
            server->count(http.refused_with());
            stream->shutdown();
        }
        return;
    }
    if (paused != !http.wants_input()) {
        paused = !paused;
        paused ? stream->pause() : stream->resume();
    }
}

void HttpServer::Connection::respond(const net::HttpResponse& response) {
    if (server == nullptr) return;
    const auto self = shared_from_this();
    server->count(response.status);
    http.respond(response, server->loop.now());
    advance();
}

void HttpServer::Connection::on_close(CloseReason, std::string_view) {
    if (server != nullptr) server->remove(*this);  // destroys this, unless an answer is under way
}

void HttpServer::Connection::on_time(Instant now) {
    if (stream->queued() == 0) {
        blocked_since.reset();
    } else if (!blocked_since) {
        blocked_since = now;
    } else if (now - *blocked_since > server->limits.write_time) {
        return server->remove(*this);
    }
    http.on_time(now);
    advance();
}

void HttpServer::State::add(std::unique_ptr<Stream> stream, ByteView already_read) {
    if (connections.size() >= limits.max_connections && !make_room()) return;
    ++stats.connections;
    const auto connection = std::make_shared<Connection>(*this, std::move(stream));
    connections.emplace(connection.get(), connection);
    connection->stream->set_handler(*connection);
    if (!already_read.empty()) connection->on_data(already_read);
    if (!sweep.running()) sweep.start_every(kSweepPeriod);
}

void HttpServer::State::remove(Connection& connection) {
    const auto found = connections.find(&connection);
    const std::shared_ptr<Connection> kept = std::move(found->second);
    connections.erase(found);
    kept->server = nullptr;
    kept->stream.reset();
    if (connections.empty()) sweep.stop();
}

// Those that dawdle over their requests cannot keep others out: of those that have none under way
// the one that has waited longest goes.
bool HttpServer::State::make_room() {
    ++stats.refused_connections;
    Connection* longest = nullptr;
    for (const auto& [key, connection] : connections) {
        const auto since = connection->http.waiting_since();
        if (!since || connection->advancing) continue;
        if (longest == nullptr || *since < *longest->http.waiting_since()) longest = key;
    }
    if (longest == nullptr) return false;
    remove(*longest);
    return true;
}

void HttpServer::State::sweep_all() {
    const Instant now = loop.now();
    std::vector<std::shared_ptr<Connection>> all;
    all.reserve(connections.size());
    for (const auto& [key, connection] : connections) all.push_back(connection);
    for (const auto& connection : all) {
        if (connection->server != nullptr) connection->on_time(now);
    }
}

void Responder::respond(const net::HttpResponse& response) { pending_->answer(response); }

bool Responder::alive() const {
    const auto connection = pending_->connection.lock();
    return connection && connection->server != nullptr;
}

Peer Responder::peer() const {
    const auto connection = pending_->connection.lock();
    return connection && connection->stream ? connection->stream->peer() : Peer{};
}

const TlsInfo* Responder::tls() const {
    const auto connection = pending_->connection.lock();
    return connection && connection->stream ? connection->stream->tls() : nullptr;
}

Responder::Upgrade Responder::upgrade() {
    const auto connection = pending_->connection.lock();
    if (pending_->answered || !connection || connection->server == nullptr) return {};
    pending_->answered = true;
    Upgrade taken{.stream = std::move(connection->stream), .rest = connection->http.take_rest()};
    if (connection->paused) taken.stream->resume();
    connection->server->remove(*connection);
    return taken;
}

HttpServer::HttpServer(Loop& loop, Handler handler, HttpServerLimits limits)
    : state_(std::make_unique<State>(loop, std::move(handler), limits)) {}

HttpServer::~HttpServer() {
    while (!state_->connections.empty()) state_->remove(*state_->connections.begin()->first);
}

Peer HttpServer::listen(const Peer& at, std::string_view key) {
    state_->plain.push_back(std::make_unique<TcpListener>(
        state_->loop, at, key, [state = state_.get()](std::unique_ptr<Stream> stream) {
            state->add(std::move(stream), {});
        }));
    return state_->plain.back()->local();
}

void HttpServer::stop_listening() { state_->plain.clear(); }

void HttpServer::serve(std::unique_ptr<Stream> stream, ByteView already_read) {
    state_->add(std::move(stream), already_read);
}

const HttpServerStats& HttpServer::stats() const { return state_->stats; }

std::size_t HttpServer::open_connections() const { return state_->connections.size(); }

}  // namespace helio::io
