#include "base/io/tcp.h"

#include "base/io/socket_set.h"
#include "base/io/socket_stream.h"

#include <cerrno>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace helio::io {
namespace {

constexpr int kBacklog = 4096;  // the kernel takes its own limit where that is lower
constexpr int kKeepAliveSeconds = 120;
// Of one turn, so that a flood of connections does not keep the others waiting.
constexpr int kAcceptedAtOnce = 128;

int open_listener(const Peer& bind_to) {
    sockaddr_storage address;
    const socklen_t size = bind_to.to_sockaddr(address);
    const int fd = ::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    const int on = 1;
    const int off = 0;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (address.ss_family == AF_INET6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    }
    // What is accepted inherits these, without a call for each.
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // we write once a turn
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &kKeepAliveSeconds, sizeof(kKeepAliveSeconds));
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(fd, kBacklog) == 0) {
        return fd;
    }
    const int error = errno;
    ::close(fd);
    errno = error;
    return -1;
}

int open_spare() { return ::open("/dev/null", O_RDONLY | O_CLOEXEC); }

}  // namespace

struct TcpListener::State final : Watcher {
    State(Loop::Impl& l, OnStream callback) : loop(l), on_stream(std::move(callback)) {}

    void ready(std::uint32_t) override {
        for (int i = 0; i < kAcceptedAtOnce; ++i) {
            sockaddr_storage address{};
            socklen_t size = sizeof(address);
            auto* const from = reinterpret_cast<sockaddr*>(&address);
            const int client = accept4(fd, from, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
            if (client >= 0) {
                loop.sockets->took_in(SocketSet::kInputOfConnection);
                on_stream(std::make_unique<SocketStream>(loop, client, Peer::from_sockaddr(*from)));
                continue;
            }
            if (errno == ECONNABORTED || errno == EINTR) continue;
            if (errno == EMFILE || errno == ENFILE) turn_away();
            return;
        }
    }

    // Out of descriptors: with the one that was kept for this, whoever waits is told so by being
    // closed, and the listener does not report them for ever.
    void turn_away() {
        ::close(spare);
        for (int client = 0; client >= 0;) {
            client = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC);
            if (client >= 0) ::close(client);
        }
        spare = open_spare();
    }

    Loop::Impl& loop;
    OnStream on_stream;
    int fd = -1;
    int spare = open_spare();
};

TcpListener::TcpListener(Loop& loop, const Peer& bind_to, std::string_view key, OnStream on_stream)
    : state_(std::make_unique<State>(loop.impl(), std::move(on_stream))) {
    state_->fd = open_listener(bind_to);
    if (state_->fd < 0) {
        const int error = errno;
        ::close(state_->spare);
        throw std::runtime_error(listen_error("TCP", bind_to, key, error));
    }
    state_->loop.sockets->watch(state_->fd, *state_, 0, EPOLLIN);
}

TcpListener::~TcpListener() {
    state_->loop.sockets->forget(state_->fd, *state_, EPOLLIN);
    ::close(state_->fd);
    ::close(state_->spare);
}

Peer TcpListener::local() const {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    getsockname(state_->fd, reinterpret_cast<sockaddr*>(&address), &size);
    return Peer::from_sockaddr(reinterpret_cast<const sockaddr&>(address));
}

std::unique_ptr<Stream> connect_tcp(Loop& loop, const Peer& to) {
    return SocketStream::connect(loop.impl(), to);
}

}  // namespace helio::io
