#include "base/io/socket_stream.h"

#include "base/io/socket_set.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace helio::io {
namespace {

// How long a peer may take to read the rest and close, after shutdown().
constexpr std::uint64_t kLingerMs = 5000;

}  // namespace

struct SocketStream::State final : Flushable, Closing, Watcher {
    State(Loop::Impl& l, int socket, const Peer& other) : loop(l), peer(other), fd(socket) {}

    void ready(std::uint32_t events) override;
    void flush() override;
    void closed() override;

    void update_watch();
    std::size_t receive();
    void connected();
    bool send_some();
    void written();
    void close(CloseReason why, std::string_view text);
    void start_linger();
    std::size_t queued() const { return out.size() - sent; }

    // What only few connections need.
    struct Ending {
        uv_timer_t* linger = nullptr;
        CloseReason reason = CloseReason::failed;
        std::string detail;
    };
    Ending& ending_state() {
        if (!ending) ending = std::make_unique<Ending>();
        return *ending;
    }

    Loop::Impl& loop;
    StreamHandler* handler = nullptr;
    std::unique_ptr<Ending> ending;
    Bytes out;  // written and not taken by the kernel, behind `sent`
    std::size_t sent = 0;
    std::size_t write_limit = Stream::kDefaultWriteLimit;
    Peer peer;
    int fd;
    std::uint32_t watched = 0;
    bool has_owner : 1 = true;
    bool connecting : 1 = false;
    bool paused : 1 = false;
    bool blocked : 1 = false;  // the kernel takes no more: on_drain is owed
    bool shutting_down : 1 = false;
    bool said_end : 1 = false;
    bool is_closing : 1 = false;
    bool is_closed : 1 = false;
};

void SocketStream::State::update_watch() {
    if (is_closing) return;
    std::uint32_t events = 0;
    if (!connecting && ((handler != nullptr && !paused) || shutting_down)) {
        events |= EPOLLIN | EPOLLRDHUP;
    }
    if (connecting || blocked) events |= EPOLLOUT;
    // Edges: the kernel does not look again at each socket that it has reported.
    if (events != 0) events |= EPOLLET;
    loop.sockets->watch(fd, *this, watched, events);
    watched = events;
}

void SocketStream::State::ready(std::uint32_t events) {
    if (connecting) return connected();
    const bool ends = (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) != 0;
    if (blocked && (ends || (events & EPOLLOUT) != 0)) written();
    if (!ends && (events & EPOLLIN) == 0) return;
    // Less than was asked for is all there was; the end comes behind it.
    bool more = true;
    while (more && !is_closing && (watched & EPOLLIN) != 0) {
        const std::size_t got = receive();
        more = ends && got > 0;
        if (got < Loop::Impl::kReadBufferSize || ends || is_closing || watched == 0) continue;
        // There may be more, but others wait as well.
        loop.sockets->report_again(fd, *this, watched);
    }
}

// How many bytes came; 0: none, or that was the end.
std::size_t SocketStream::State::receive() {
    ssize_t size = 0;
    do {
        size = ::recv(fd, loop.read_buffer.get(), Loop::Impl::kReadBufferSize, 0);
    } while (size < 0 && errno == EINTR);
    if (size > 0) {
        const auto got = static_cast<std::size_t>(size);
        loop.sockets->took_in(got);
        if (!shutting_down) handler->on_data({loop.read_buffer.get(), got});
        return got;
    }
    if (size == 0) {
        close(shutting_down ? CloseReason::shut_down : CloseReason::peer_closed, "");
    } else if (errno != EAGAIN) {
        close(shutting_down ? CloseReason::shut_down : CloseReason::failed, std::strerror(errno));
    }
    return 0;
}

void SocketStream::State::connected() {
    int error = 0;
    socklen_t size = sizeof(error);
    getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return close(CloseReason::refused, std::strerror(error));
    connecting = false;
    update_watch();
    flush();
}

// Whether everything has left.
bool SocketStream::State::send_some() {
    while (sent < out.size()) {
        const ssize_t size = ::send(fd, out.data() + sent, out.size() - sent, MSG_NOSIGNAL);
        if (size < 0) {
            if (errno == EINTR) continue;
            if (errno != EAGAIN) {
                close(CloseReason::failed, std::strerror(errno));
                return false;
            }
            // Once half of it is old, so that each byte is moved at most once.
            if (sent > out.size() / 2) {
                out.erase(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(sent));
                sent = 0;
            }
            blocked = true;
            update_watch();
            return false;
        }
        sent += static_cast<std::size_t>(size);
    }
    loop.give_back(std::move(out));
    out = {};
    sent = 0;
    return true;
}

void SocketStream::State::flush() {
    if (is_closing || connecting || blocked || said_end) return;
    if (!out.empty() && !send_some()) return;
    if (!shutting_down) return;
    said_end = true;
    if (::shutdown(fd, SHUT_WR) != 0) return close(CloseReason::shut_down, "");
    // Closing with unread input would reset the connection and could destroy our last words.
    update_watch();
}

void SocketStream::State::written() {
    if (!send_some()) return;
    blocked = false;
    update_watch();
    flush();
    if (!is_closing && !shutting_down && handler != nullptr) handler->on_drain();
}

void SocketStream::State::start_linger() {
    auto* const timer = new uv_timer_t;
    ending_state().linger = timer;
    uv_timer_init(&loop.loop, timer);
    timer->data = this;
    uv_timer_start(
        timer,
        [](uv_timer_t* handle) {
            static_cast<State*>(handle->data)->close(CloseReason::shut_down, "");
        },
        kLingerMs,
        0);
}

void SocketStream::State::close(CloseReason why, std::string_view text) {
    if (is_closing) return;
    is_closing = true;
    Ending& end = ending_state();
    end.reason = why;
    end.detail = text;
    loop.forget(*this);
    loop.sockets->forget(fd, *this, watched);
    ::close(fd);
    if (end.linger != nullptr) {
        uv_close(reinterpret_cast<uv_handle_t*>(end.linger),
                 [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
    }
    loop.close_later(*this);
}

void SocketStream::State::closed() {
    is_closed = true;
    if (!has_owner) {
        delete this;
    } else if (handler != nullptr) {
        const std::unique_ptr<Ending> end = std::move(ending);
        handler->on_close(end->reason, end->detail);  // may destroy the stream and with it this
    }
}

SocketStream::SocketStream(Loop::Impl& loop, int fd, const Peer& peer)
    : state_(new State(loop, fd, peer)) {}

std::unique_ptr<SocketStream> SocketStream::connect(Loop::Impl& loop, const Peer& to) {
    sockaddr_storage address;
    const socklen_t size = to.to_sockaddr(address);
    const int fd = ::socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    auto out = std::make_unique<SocketStream>(loop, fd, to);
    State& s = *out->state_;
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    s.connecting = true;
    if (::connect(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 && errno != EINPROGRESS) {
        s.close(CloseReason::refused, std::strerror(errno));
    }
    s.update_watch();
    return out;
}

SocketStream::~SocketStream() {
    State& s = *state_;
    s.has_owner = false;
    s.handler = nullptr;
    if (s.is_closed) {
        delete state_;
        return;
    }
    if (s.is_closing) return;
    if (!s.connecting && !s.blocked && !s.out.empty()) s.send_some();
    s.close(CloseReason::shut_down, "");
}

void SocketStream::set_handler(StreamHandler& handler) {
    state_->handler = &handler;
    state_->update_watch();
}

void SocketStream::write(ByteView bytes) {
    State& s = *state_;
    if (s.is_closing || s.shutting_down || bytes.empty()) return;
    if (s.queued() + bytes.size() > s.write_limit) {
        return s.close(CloseReason::write_limit, "the peer reads slower than we write");
    }
    if (s.out.capacity() == 0) s.out = s.loop.take_buffer();
    s.out.insert(s.out.end(), bytes.begin(), bytes.end());
    s.loop.flush_later(s);
}

void SocketStream::shutdown() {
    State& s = *state_;
    if (s.is_closing || s.shutting_down) return;
    s.shutting_down = true;
    s.start_linger();
    s.loop.flush_later(s);
}

std::size_t SocketStream::queued() const { return state_->queued(); }
void SocketStream::set_write_limit(std::size_t bytes) { state_->write_limit = bytes; }

void SocketStream::pause() {
    state_->paused = true;
    state_->update_watch();
}

void SocketStream::resume() {
    state_->paused = false;
    state_->update_watch();
}

Peer SocketStream::peer() const { return state_->peer; }

Peer SocketStream::local() const {
    sockaddr_storage address{};
    socklen_t size = sizeof(address);
    if (state_->is_closing ||
        getsockname(state_->fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
        address.ss_family == AF_UNIX) {
        return {};
    }
    return Peer::from_sockaddr(reinterpret_cast<const sockaddr&>(address));
}

void SocketStream::fail(CloseReason reason, std::string_view detail) {
    state_->close(reason, detail);
}

}  // namespace helio::io
