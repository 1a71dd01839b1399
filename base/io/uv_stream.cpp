#include "base/io/uv_stream.h"

#include <array>
#include <cassert>

namespace helio::io {
namespace {

// How long a peer may take to read the rest and close, after shutdown().
constexpr std::uint64_t kLingerMs = 5000;
constexpr unsigned kKeepAliveSeconds = 120;

struct Write {
    uv_write_t request{};
    Bytes bytes;
};

}  // namespace

struct UvStream::State final : Flushable {
    explicit State(Loop::Impl& l) : loop(l) {}

    void start_reading();
    void received(ssize_t size);
    void flush() override;
    void write_rest(std::size_t from);
    void written(int status);
    void send_end();
    void close(CloseReason why, std::string_view text);
    void closed();
    void start_linger();
    std::size_t queued() const { return out.size() + (writing ? stream()->write_queue_size : 0); }

    uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&uv); }
    const uv_stream_t* stream() const { return reinterpret_cast<const uv_stream_t*>(&uv); }
    uv_handle_t* handle() { return reinterpret_cast<uv_handle_t*>(&uv); }
    static State& of(void* handle) {
        return *static_cast<State*>(static_cast<uv_handle_t*>(handle)->data);
    }

    Loop::Impl& loop;
    union {
        uv_tcp_t tcp;
        uv_pipe_t pipe;
    } uv{};
    bool has_owner = true;
    StreamHandler* handler = nullptr;
    Peer peer;

    Bytes out;                       // written in this turn
    std::unique_ptr<Write> writing;  // what the kernel did not take at once
    std::size_t write_limit = Stream::kDefaultWriteLimit;

    std::unique_ptr<uv_connect_t> connecting;
    std::unique_ptr<uv_shutdown_t> ending;
    uv_timer_t* linger = nullptr;
    bool paused = false;
    bool reading = false;
    bool blocked = false;  // on_drain is owed
    bool shutting_down = false;
    bool closing = false;  // uv_close was called
    bool is_closed = false;
    CloseReason reason = CloseReason::failed;
    std::string detail;
};

void UvStream::State::start_reading() {
    if (reading || closing || connecting || (paused && !shutting_down)) return;
    reading = true;
    uv_read_start(
        stream(),
        [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
            *buffer = uv_buf_init(reinterpret_cast<char*>(of(handle).loop.read_buffer.get()),
                                  Loop::Impl::kReadBufferSize);
        },
        [](uv_stream_t* handle, ssize_t size, const uv_buf_t*) { of(handle).received(size); });
}

void UvStream::State::received(ssize_t size) {
    if (size == UV_EOF) {
        return close(shutting_down ? CloseReason::shut_down : CloseReason::peer_closed, "");
    }
    if (size < 0) {
        return close(shutting_down ? CloseReason::shut_down : CloseReason::failed,
                     uv_strerror(static_cast<int>(size)));
    }
    if (size == 0 || shutting_down || handler == nullptr) return;
    handler->on_data({loop.read_buffer.get(), static_cast<std::size_t>(size)});
}

void UvStream::State::flush() {
    if (closing || connecting || writing || ending) return;
    if (!out.empty()) {
        uv_buf_t buffer =
            uv_buf_init(reinterpret_cast<char*>(out.data()), static_cast<unsigned>(out.size()));
        const int sent = uv_try_write(stream(), &buffer, 1);
        if (sent < 0 && sent != UV_EAGAIN) return close(CloseReason::failed, uv_strerror(sent));
        const std::size_t done = sent < 0 ? 0 : static_cast<std::size_t>(sent);
        if (done < out.size()) return write_rest(done);
        loop.give_back(std::move(out));
        out = {};
    }
    if (shutting_down) send_end();
}

void UvStream::State::write_rest(std::size_t from) {
    blocked = true;
    writing = std::make_unique<Write>();
    writing->bytes = std::move(out);
    out = {};
    const uv_buf_t buffer = uv_buf_init(reinterpret_cast<char*>(writing->bytes.data() + from),
                                        static_cast<unsigned>(writing->bytes.size() - from));
    const int status =
        uv_write(&writing->request, stream(), &buffer, 1, [](uv_write_t* request, int result) {
            of(request->handle).written(result);
        });
    if (status != 0) {
        writing.reset();
        close(CloseReason::failed, uv_strerror(status));
    }
}

void UvStream::State::written(int status) {
    loop.give_back(std::move(writing->bytes));
    writing.reset();
    if (closing) return;
    if (status != 0) return close(CloseReason::failed, uv_strerror(status));
    flush();
    if (closing || writing || !blocked) return;
    blocked = false;
    if (handler != nullptr && !shutting_down) handler->on_drain();
}

void UvStream::State::send_end() {
    ending = std::make_unique<uv_shutdown_t>();
    const int status = uv_shutdown(ending.get(), stream(), [](uv_shutdown_t* request, int result) {
        State& self = of(request->handle);
        if (!self.closing && result != 0) self.close(CloseReason::shut_down, "");
    });
    if (status != 0) {
        ending.reset();
        return close(CloseReason::shut_down, "");
    }
    // Closing with unread input would reset the connection and could destroy our last words.
    start_reading();
}

void UvStream::State::start_linger() {
    linger = new uv_timer_t;
    uv_timer_init(&loop.loop, linger);
    linger->data = this;
    uv_timer_start(
        linger,
        [](uv_timer_t* timer) {
            static_cast<State*>(timer->data)->close(CloseReason::shut_down, "");
        },
        kLingerMs,
        0);
}

void UvStream::State::close(CloseReason why, std::string_view text) {
    if (closing) return;
    closing = true;
    reason = why;
    detail = text;
    loop.forget(*this);
    if (linger != nullptr) {
        uv_close(reinterpret_cast<uv_handle_t*>(linger),
                 [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
    }
    uv_close(handle(), [](uv_handle_t* handle) { of(handle).closed(); });
}

void UvStream::State::closed() {
    is_closed = true;
    if (!has_owner) {
        delete this;
    } else if (handler != nullptr) {
        const std::string text = std::move(detail);
        handler->on_close(reason, text);  // may destroy the stream and with it this
    }
}

UvStream::UvStream(Loop::Impl& loop, Kind kind) : state_(new State(loop)) {
    if (kind == Kind::tcp) {
        uv_tcp_init(&loop.loop, &state_->uv.tcp);
    } else {
        uv_pipe_init(&loop.loop, &state_->uv.pipe, 0);
    }
    state_->handle()->data = state_;
}

UvStream::~UvStream() {
    state_->has_owner = false;
    state_->handler = nullptr;
    if (state_->is_closed) {
        delete state_;
        return;
    }
    if (state_->closing) return;
    if (!state_->connecting && !state_->writing && !state_->out.empty()) {
        uv_buf_t buffer = uv_buf_init(reinterpret_cast<char*>(state_->out.data()),
                                      static_cast<unsigned>(state_->out.size()));
        uv_try_write(state_->stream(), &buffer, 1);
    }
    state_->close(CloseReason::shut_down, "");
}

uv_stream_t* UvStream::handle() { return state_->stream(); }

void UvStream::opened() {
    if (state_->stream()->type != UV_TCP) return;
    uv_tcp_nodelay(&state_->uv.tcp, 1);  // we write once a turn: there is nothing to wait for
    uv_tcp_keepalive(&state_->uv.tcp, 1, kKeepAliveSeconds);
    sockaddr_storage address{};
    int size = sizeof(address);
    if (uv_tcp_getpeername(&state_->uv.tcp, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
        state_->peer = Peer::from_sockaddr(reinterpret_cast<const sockaddr&>(address));
    }
}

void UvStream::connect(const Peer& to) {
    state_->peer = to;
    sockaddr_storage address;
    to.to_sockaddr(address);
    state_->connecting = std::make_unique<uv_connect_t>();
    const int status =
        uv_tcp_connect(state_->connecting.get(),
                       &state_->uv.tcp,
                       reinterpret_cast<const sockaddr*>(&address),
                       [](uv_connect_t* request, int result) {
                           State& self = State::of(request->handle);
                           self.connecting.reset();
                           if (self.closing) return;
                           if (result != 0)
                               return self.close(CloseReason::refused, uv_strerror(result));
                           uv_tcp_nodelay(&self.uv.tcp, 1);
                           if (self.handler != nullptr) self.start_reading();
                           self.flush();
                       });
    if (status != 0) {
        state_->connecting.reset();
        state_->close(CloseReason::refused, uv_strerror(status));
    }
}

void UvStream::set_handler(StreamHandler& handler) {
    state_->handler = &handler;
    state_->start_reading();
}

void UvStream::write(ByteView bytes) {
    State& s = *state_;
    if (s.closing || s.shutting_down || bytes.empty()) return;
    if (s.queued() + bytes.size() > s.write_limit) {
        return s.close(CloseReason::write_limit, "the peer reads slower than we write");
    }
    if (s.out.capacity() == 0) s.out = s.loop.take_buffer();
    s.out.insert(s.out.end(), bytes.begin(), bytes.end());
    s.loop.flush_later(s);
}

void UvStream::shutdown() {
    State& s = *state_;
    if (s.closing || s.shutting_down) return;
    s.shutting_down = true;
    s.start_linger();
    s.loop.flush_later(s);
}

std::size_t UvStream::queued() const { return state_->queued(); }
void UvStream::set_write_limit(std::size_t bytes) { state_->write_limit = bytes; }

void UvStream::pause() {
    state_->paused = true;
    if (!state_->reading || state_->closing || state_->shutting_down) return;
    state_->reading = false;
    uv_read_stop(state_->stream());
}

void UvStream::resume() {
    state_->paused = false;
    if (state_->handler != nullptr) state_->start_reading();
}

Peer UvStream::peer() const { return state_->peer; }

Peer UvStream::local() const {
    if (state_->closing || state_->stream()->type != UV_TCP) return {};
    sockaddr_storage address{};
    int size = sizeof(address);
    uv_tcp_getsockname(&state_->uv.tcp, reinterpret_cast<sockaddr*>(&address), &size);
    return Peer::from_sockaddr(reinterpret_cast<const sockaddr&>(address));
}

void UvStream::fail(CloseReason reason, std::string_view detail) { state_->close(reason, detail); }

}  // namespace helio::io
