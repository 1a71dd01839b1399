#include "base/io/tcp.h"

#include "base/io/uv_stream.h"

#include <cassert>
#include <stdexcept>

namespace helio::io {
namespace {

constexpr int kBacklog = 4096;  // the kernel takes its own limit where that is lower

}  // namespace

struct TcpListener::State {
    Loop::Impl& loop;
    OnStream on_stream;
    uv_tcp_t tcp{};

    static void ready(uv_stream_t* server, int status) {
        auto& self = *static_cast<State*>(server->data);
        if (status != 0) return;  // out of descriptors: libuv has dropped the connection
        auto stream = std::make_unique<UvStream>(self.loop, UvStream::Kind::tcp);
        if (uv_accept(server, stream->handle()) != 0) return;
        stream->opened();
        self.on_stream(std::move(stream));
    }

    void close() {
        uv_close(reinterpret_cast<uv_handle_t*>(&tcp),
                 [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
    }
};

TcpListener::TcpListener(Loop& loop, const Peer& bind_to, std::string_view key, OnStream on_stream)
    : state_(new State{.loop = loop.impl(), .on_stream = std::move(on_stream)}) {
    uv_tcp_init(&state_->loop.loop, &state_->tcp);
    state_->tcp.data = state_;
    sockaddr_storage address;
    bind_to.to_sockaddr(address);
    int status = uv_tcp_bind(&state_->tcp, reinterpret_cast<const sockaddr*>(&address), 0);
    auto* const stream = reinterpret_cast<uv_stream_t*>(&state_->tcp);
    if (status == 0) status = uv_listen(stream, kBacklog, State::ready);
    if (status != 0) {
        state_->close();
        throw std::runtime_error(listen_error("TCP", bind_to, key, -status));
    }
}

TcpListener::~TcpListener() { state_->close(); }

Peer TcpListener::local() const {
    sockaddr_storage address{};
    int size = sizeof(address);
    uv_tcp_getsockname(&state_->tcp, reinterpret_cast<sockaddr*>(&address), &size);
    return Peer::from_sockaddr(reinterpret_cast<const sockaddr&>(address));
}

std::unique_ptr<Stream> connect_tcp(Loop& loop, const Peer& to) {
    auto stream = std::make_unique<UvStream>(loop.impl(), UvStream::Kind::tcp);
    stream->connect(to);
    return stream;
}

}  // namespace helio::io
