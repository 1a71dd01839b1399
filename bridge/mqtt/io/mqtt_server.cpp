#include "bridge/mqtt/io/mqtt_server.h"

#include "base/io/tcp.h"
#include "base/io/timer.h"
#include "base/io/websocket_stream.h"
#include "base/net/websocket.h"
#include "bridge/mqtt/connection.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace helio::bridge::mqtt {
namespace {

// Every client is looked at once in four ticks: keep-alive is late by a second at most.
constexpr Duration kTick = std::chrono::milliseconds(250);
constexpr std::size_t kTicksPerRound = 4;

// [MQTT-6.0.0-4]; the second is that of 3.1.
constexpr std::string_view kSubProtocols[] = {"mqtt", "mqttv3.1"};

ClientAddress address_of(io::Stream& stream,
                         std::shared_ptr<const net::HttpRequest> upgrade,
                         Alpn alpn) {
    const io::Peer peer = stream.peer();
    ClientAddress out{
        .text = peer.text(), .loopback = peer.is_loopback(), .upgrade = std::move(upgrade)};
    if (const auto tls = stream.take_tls()) {
        out.tls = true;
        out.server_name = std::move(tls->server_name);
        if (alpn == Alpn::decides) out.alpn = std::move(tls->alpn);
        out.certificate = std::move(tls->peer_certificate);
    }
    return out;
}

io::Peer without_port(io::Peer peer) {
    peer.port = 0;
    return peer;
}

}  // namespace

struct MqttServer::State {
    State(io::Loop& l, Broker& b) : loop(l), broker(b), tick(l, [this] { on_tick(); }) {}

    void on_tick();
    void on_turn_end();
    void run_due();
    void look_again();
    void remove(Client& client);

    io::Loop& loop;
    Broker& broker;
    std::vector<std::unique_ptr<io::TcpListener>> tcp;
    std::vector<std::unique_ptr<Client>> clients;  // with holes
    std::vector<std::size_t> free;
    std::unordered_map<io::Peer, std::size_t> per_address;
    std::vector<std::size_t> waiting;  // clients that need another look: paused, or out of room
    std::weak_ptr<State> self;
    io::Timer tick;
    std::size_t tick_number = 0;
    std::size_t count = 0;
    std::uint32_t turn = 0;
    bool more_due = false;  // than the broker did in this turn
    bool run_posted = false;
    bool stopped = false;
};

class MqttServer::Client final : private io::StreamHandler, private Wire {
  public:
    Client(State& server,
           std::unique_ptr<io::Stream> stream,
           std::shared_ptr<const net::HttpRequest> upgrade,
           Alpn alpn,
           std::size_t index)
        : server_(server),
          stream_(std::move(stream)),
          index_(static_cast<std::uint32_t>(index)),
          connection_(server.broker,
                      *this,
                      server.broker.limits(),
                      server.broker.stats(),
                      address_of(*stream_, std::move(upgrade), alpn),
                      server.loop.now()) {
        stream_->set_write_limit(server.broker.limits().hard_output_bytes);
        stream_->set_handler(*this);
    }

    std::size_t index() const { return index_; }
    io::Peer address() const { return without_port(stream_->peer()); }
    void on_time(Instant now) { connection_.on_time(now); }
    void shut_down(Instant now) { connection_.shut_down(now); }

    // Something may have changed for a client that waits.
    void look_again(Instant now) {
        listed_ = false;
        if (woken_) {
            woken_ = false;
            connection_.resume(now);
        }
        if (full_ && stream_->queued() < server_.broker.limits().soft_output_bytes) {
            on_drain();
        } else if (full_ && full_since_turn_ == server_.turn) {
            list();  // not flushed yet; if it is still full after that, on_drain will come
        }
        if (!paused_) return;
        if (may_read()) {
            paused_ = false;
            stream_->resume();
        } else if (server_.broker.overloaded()) {
            list();
        }
    }
    // The server goes away.
    void drop(Instant now) { connection_.on_closed(now); }

  private:
    bool may_read() const { return connection_.wants_bytes() && !server_.broker.overloaded(); }
    void list() const {
        if (listed_) return;
        listed_ = true;
        server_.waiting.push_back(index_);
    }

    void on_data(ByteView bytes) override {
        const std::uint64_t changes = server_.broker.store_changes();
        connection_.on_bytes(bytes, server_.loop.now());
        // Who asks nothing of a store that is behind is not held up by those who do.
        const bool changed = server_.broker.store_changes() != changes;
        const bool must_wait =
            !connection_.wants_bytes() || (changed && server_.broker.overloaded());
        if (!paused_ && !connection_.closed() && must_wait) {
            paused_ = true;
            stream_->pause();
            list();
        }
    }
    void on_drain() override {
        full_ = false;
        connection_.on_drained(server_.loop.now());
    }
    void on_close(io::CloseReason reason, std::string_view) override {
        if (reason == io::CloseReason::write_limit) {
            ++server_.broker.stats().closed_slow_consumers;
        }
        connection_.on_closed(server_.loop.now());
        server_.remove(*this);
    }

    void write(ByteView bytes) override { stream_->write(bytes); }
    std::size_t queued_bytes() const override {
        const std::size_t queued = stream_->queued();
        if (queued >= server_.broker.limits().soft_output_bytes && !full_) {
            // The queue of one turn may leave at its end at once, and then no drain is reported.
            full_ = true;
            full_since_turn_ = server_.turn;
            list();
        }
        return queued;
    }
    void end() override { stream_->shutdown(); }
    void wake() override {
        woken_ = true;
        list();
        // The answer may come outside of any turn of ours.
        server_.loop.post([weak = server_.self] {
            if (const auto state = weak.lock()) state->look_again();
        });
    }

    State& server_;
    std::unique_ptr<io::Stream> stream_;
    std::uint32_t index_;
    mutable std::uint32_t full_since_turn_ = 0;
    bool paused_ = false;
    mutable bool full_ = false;  // above the soft limit; told so to the core
    bool woken_ = false;
    mutable bool listed_ = false;
    Connection connection_;
};

void MqttServer::State::remove(Client& client) {
    const auto it = per_address.find(client.address());
    if (it != per_address.end() && --it->second == 0) per_address.erase(it);
    const std::size_t index = client.index();
    --count;
    free.push_back(index);
    clients[index].reset();
}

void MqttServer::State::on_tick() {
    const Instant now = loop.now();
    for (std::size_t i = tick_number++ % kTicksPerRound; i < clients.size(); i += kTicksPerRound) {
        if (clients[i]) clients[i]->on_time(now);
    }
    look_again();
    run_due();
    tick.start_after(kTick);
}

void MqttServer::State::run_due() {
    const Instant now = loop.now();
    const auto next = broker.on_time(now);
    more_due = next && *next <= now;
}

void MqttServer::State::look_again() {
    std::vector<std::size_t> now_waiting;
    now_waiting.swap(waiting);
    for (const std::size_t index : now_waiting) {
        if (clients[index]) clients[index]->look_again(loop.now());
    }
}

// Before the sockets are flushed: who waits is looked at behind that, in a turn of its own.
void MqttServer::State::on_turn_end() {
    ++turn;
    // In a turn of its own: a timer that is due at once would run again before any socket.
    if (!run_posted && (more_due || broker.has_more_to_do())) {
        run_posted = true;
        loop.post([weak = self] {
            const auto state = weak.lock();
            if (!state) return;
            state->run_posted = false;
            state->run_due();
        });
    }
    if (waiting.empty() || broker.overloaded()) return;
    loop.post([weak = self] {
        if (const auto state = weak.lock()) state->look_again();
    });
}

MqttServer::MqttServer(io::Loop& loop, Broker& broker)
    : state_(std::make_shared<State>(loop, broker)) {
    state_->self = state_;
    state_->tick.start_after(kTick);
    loop.on_turn_end([weak = state_->self] {
        if (const auto state = weak.lock()) state->on_turn_end();
    });
}

MqttServer::~MqttServer() {
    for (const auto& client : state_->clients) {
        if (client) client->drop(state_->loop.now());
    }
}

io::Peer MqttServer::listen_tcp(const io::Peer& at, std::string_view key) {
    state_->tcp.push_back(std::make_unique<io::TcpListener>(
        state_->loop, at, key, [this](std::unique_ptr<io::Stream> s) { adopt(std::move(s)); }));
    return state_->tcp.back()->local();
}

void MqttServer::take(std::unique_ptr<io::Stream> stream,
                      std::shared_ptr<const net::HttpRequest> upgrade,
                      Alpn alpn) {
    State& s = *state_;
    const Limits& limits = s.broker.limits();
    std::size_t& here = s.per_address[without_port(stream->peer())];
    // A little room above max_connections: who takes a session over is let in by the broker.
    const bool full = s.count >= limits.max_connections + limits.max_connections / 16 + 16;
    if (s.stopped || full || here >= limits.max_connections_per_address) {
        ++s.broker.stats().over_connection_limit;
        if (here == 0) s.per_address.erase(without_port(stream->peer()));
        return;
    }
    ++here;
    ++s.count;
    std::size_t index = s.clients.size();
    if (s.free.empty()) {
        s.clients.emplace_back();
    } else {
        index = s.free.back();
        s.free.pop_back();
    }
    s.clients[index] =
        std::make_unique<Client>(s, std::move(stream), std::move(upgrade), alpn, index);
}

void MqttServer::upgrade(net::HttpRequest&& request, io::Responder responder) {
    const auto answer = net::accept_websocket(request, kSubProtocols);
    if (!answer) return responder.respond(answer.error());
    io::Responder::Upgrade taken = responder.upgrade();
    if (!taken.stream) return;
    taken.stream->write(*answer);
    take(io::make_websocket_stream(state_->loop, std::move(taken.stream), std::move(taken.rest)),
         std::make_shared<const net::HttpRequest>(std::move(request)),
         Alpn::decides);
}

void MqttServer::shut_down() {
    state_->stopped = true;
    state_->tcp.clear();
    for (const auto& client : state_->clients) {
        if (client) client->shut_down(state_->loop.now());
    }
}

std::size_t MqttServer::client_count() const { return state_->count; }

}  // namespace helio::bridge::mqtt
