#include "base/io/tls.h"

#include "base/io/tcp.h"
#include "base/io/tls_stream.h"

#include <map>

namespace helio::io {

struct TlsListener::State {
    State(Loop& l, const TlsContext& c, OnStream callback, TlsLimits bounds)
        : loop(l), context(c), on_stream(std::move(callback)), limits(bounds) {}

    void accept(std::unique_ptr<Stream> stream);
    void handshake_over(std::uint64_t number, TlsStream::Handshake result, std::string_view detail);

    Loop& loop;
    const TlsContext& context;
    OnStream on_stream;
    TlsLimits limits;
    TlsStats stats;
    std::string last_error;
    std::uint64_t next_number = 0;
    std::map<std::uint64_t, std::unique_ptr<TlsStream>> handshakes;  // the oldest first
    std::unique_ptr<TcpListener> listener;
};

void TlsListener::State::accept(std::unique_ptr<Stream> stream) {
    // Those that dawdle cannot keep others out: the oldest gives way.
    if (handshakes.size() >= limits.max_handshakes) {
        ++stats.refused;
        handshakes.erase(handshakes.begin());
    }
    // What a TcpListener hands over is a SocketStream.
    std::unique_ptr<SocketStream> tcp(static_cast<SocketStream*>(stream.release()));
    auto made = std::make_unique<TlsStream>(
        loop,
        std::move(tcp),
        context,
        "",
        limits.handshake_timeout,
        [this, number = next_number](
            TlsStream&, TlsStream::Handshake result, std::string_view detail) {
            handshake_over(number, result, detail);
        });
    handshakes.emplace(next_number++, std::move(made));
}

void TlsListener::State::handshake_over(std::uint64_t number,
                                        TlsStream::Handshake result,
                                        std::string_view detail) {
    const auto found = handshakes.find(number);
    std::unique_ptr<TlsStream> taken = std::move(found->second);
    handshakes.erase(found);
    switch (result) {
        case TlsStream::Handshake::done:
            ++stats.handshakes;
            return on_stream(std::move(taken));
        case TlsStream::Handshake::failed:
            ++stats.failed;
            last_error = taken->peer().text() + ": " + std::string(detail);
            return;
        case TlsStream::Handshake::timed_out:
            ++stats.timed_out;
            return;
    }
}

TlsListener::TlsListener(Loop& loop,
                         const Peer& bind_to,
                         std::string_view key,
                         const TlsContext& context,
                         OnStream on_stream,
                         TlsLimits limits)
    : state_(std::make_unique<State>(loop, context, std::move(on_stream), limits)) {
    state_->listener = std::make_unique<TcpListener>(
        loop, bind_to, key, [state = state_.get()](std::unique_ptr<Stream> stream) {
            state->accept(std::move(stream));
        });
}

TlsListener::~TlsListener() = default;

void TlsListener::stop() {
    state_->listener.reset();
    state_->handshakes.clear();
}

Peer TlsListener::local() const { return state_->listener->local(); }
const TlsStats& TlsListener::stats() const { return state_->stats; }
const std::string& TlsListener::last_error() const { return state_->last_error; }

std::unique_ptr<Stream> connect_tls(Loop& loop,
                                    const Peer& to,
                                    const TlsContext& context,
                                    const std::string& server_name,
                                    TlsLimits limits) {
    auto tcp = SocketStream::connect(loop.impl(), to);
    return std::make_unique<TlsStream>(
        loop, std::move(tcp), context, server_name, limits.handshake_timeout, nullptr);
}

}  // namespace helio::io
