#include "base/io/tls_stream.h"

#include "base/io/background_threads.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace helio::io {
namespace {

// What a peer may send while a step of its handshake is worked on.
constexpr std::size_t kMaxGathered = 64u << 10;
// OpenSSL makes room for what a ClientHello announces, 128 KB at most, before it has come.
constexpr std::size_t kMaxHello = 16u << 10;
// Record header (5): type 22, version, length; handshake header (4): type 1, length.
constexpr std::size_t kHelloStart = 9;

bool announces_too_long_hello(ByteView first) {
    const bool is_hello = first[0] == 22 && first[5] == 1;
    const std::size_t size = static_cast<std::size_t>(first[6]) << 16 | first[7] << 8 | first[8];
    return is_hello && size > kMaxHello;
}

}  // namespace

// What a background thread works on; the stream may go meanwhile.
struct TlsStream::Work {
    std::unique_ptr<TlsSession> session;
    Bytes input;
    Bytes output;
    std::size_t unread = 0;  // bytes at the end of input
    TlsSession::Step step = TlsSession::Step::wants_more;
    std::unique_ptr<TlsInfo> info;
    TlsStream* stream;  // null: gone, or it does not wait any more

    void run() {
        ByteView rest(input);
        step = session->handshake(rest, output);
        unread = rest.size();
        if (step == TlsSession::Step::done) info = session->info();
    }
};

struct TlsStream::Opening {
    std::shared_ptr<Work> work;
    OnHandshake on_handshake;
    Timer timer;
    Bytes gathered;  // came during a step
    bool is_server;
    bool begun = false;
    bool busy = false;
    bool paused = false;
};

TlsStream::TlsStream(Loop& loop,
                     std::unique_ptr<SocketStream> tcp,
                     const TlsContext& context,
                     const std::string& server_name,
                     Duration handshake_timeout,
                     OnHandshake on_handshake)
    : loop_(loop.impl()), tcp_(std::move(tcp)) {
    // The limit counts what is not encrypted yet, too, so it is kept here and not below.
    tcp_->set_write_limit(std::numeric_limits<std::size_t>::max());
    auto work = std::make_shared<Work>();
    work->session = std::make_unique<TlsSession>(context, server_name);
    work->stream = this;
    opening_.reset(new Opening{.work = std::move(work),
                               .on_handshake = std::move(on_handshake),
                               .timer = Timer(loop,
                                              [this] {
                                                  report_handshake(Handshake::timed_out,
                                                                   "the handshake takes too long");
                                              }),
                               .is_server = context.is_server()});
    opening_->timer.start_after(handshake_timeout);
    if (!opening_->is_server) start_step();  // it speaks first
    tcp_->set_handler(*this);
}

TlsStream::~TlsStream() {
    if (destroyed_ != nullptr) *destroyed_ = true;
    loop_.forget(*this);
    if (opening_) opening_->work->stream = nullptr;
    if (phase_ == Phase::open) {
        encrypt_queued();
        session_->close(*tcp_);
    }
}

void TlsStream::on_data(ByteView encrypted) {
    if (phase_ == Phase::handshake) return gather(encrypted);
    if (phase_ == Phase::closed) return;
    if (handler_ == nullptr || !early_.empty()) {
        early_.insert(early_.end(), encrypted.begin(), encrypted.end());
        if (handler_ == nullptr) tcp_->pause();
        return;
    }
    read_plain(encrypted);
}

void TlsStream::gather(ByteView encrypted) {
    Opening& opening = *opening_;
    opening.gathered.insert(opening.gathered.end(), encrypted.begin(), encrypted.end());
    if (!opening.busy) return start_step();
    if (opening.gathered.size() > kMaxGathered) {
        opening.paused = true;
        tcp_->pause();
    }
}

void TlsStream::start_step() {
    Opening& opening = *opening_;
    if (opening.is_server && !opening.begun) {
        if (opening.gathered.size() < kHelloStart) return;
        if (announces_too_long_hello(opening.gathered)) {
            return report_handshake(Handshake::failed, "the ClientHello is too long");
        }
    }
    opening.begun = true;
    opening.busy = true;
    Bytes& input = opening.work->input;
    input.erase(input.begin(), input.end() - static_cast<std::ptrdiff_t>(opening.work->unread));
    input.insert(input.end(), opening.gathered.begin(), opening.gathered.end());
    opening.gathered.clear();
    loop_.background_threads().run([work = opening.work] { work->run(); },
                                   [work = opening.work] {
                                       if (work->stream != nullptr) work->stream->step_over();
                                   });
}

void TlsStream::step_over() {
    Opening& opening = *opening_;
    Work& work = *opening.work;
    opening.busy = false;
    tcp_->write(work.output);
    work.output.clear();
    if (opening.paused) {
        opening.paused = false;
        tcp_->resume();
    }
    switch (work.step) {
        case TlsSession::Step::done:
            return handshake_done();
        case TlsSession::Step::failed:
            return report_handshake(Handshake::failed, work.session->error());
        case TlsSession::Step::wants_more:
            if (!opening.gathered.empty()) start_step();
    }
}

void TlsStream::handshake_done() {
    Work& work = *opening_->work;
    session_ = std::move(work.session);
    info_ = std::move(work.info);
    early_.assign(work.input.end() - static_cast<std::ptrdiff_t>(work.unread), work.input.end());
    early_.insert(early_.end(), opening_->gathered.begin(), opening_->gathered.end());
    phase_ = Phase::open;
    if (!out_.empty() || (handler_ != nullptr && !early_.empty())) loop_.flush_later(*this);
    report_handshake(Handshake::done, "");
}

void TlsStream::report_handshake(Handshake result, std::string_view detail) {
    // The call below may destroy this; and this may be a call of the timer, or of what is told.
    const std::string why(detail);
    opening_->timer.stop();
    opening_->work->stream = nullptr;
    const OnHandshake call = std::move(opening_->on_handshake);
    if (result == Handshake::done) {
        opening_.reset();
    } else {
        phase_ = Phase::closed;
        tcp_->shutdown();  // with the alert that OpenSSL has written
    }
    if (call) {
        call(*this, result, why);
    } else if (result != Handshake::done && handler_ != nullptr) {
        handler_->on_close(CloseReason::tls_failed, why);
    }
}

// False where the handler has destroyed this.
bool TlsStream::read_plain(ByteView encrypted) {
    bool destroyed = false;
    destroyed_ = &destroyed;
    std::uint8_t* const plain = loop_.plain_buffer.get();
    while (phase_ == Phase::open) {
        std::size_t size = 0;
        const auto found =
            session_->read(encrypted, plain, Loop::Impl::kReadBufferSize, size, *tcp_);
        if (found == TlsSession::Read::wants_more) break;
        if (found == TlsSession::Read::data) {
            if (!shutting_down_) handler_->on_data({plain, size});
        } else if (found == TlsSession::Read::closed) {
            end(CloseReason::peer_closed, "");
        } else {
            end(CloseReason::tls_failed, session_->error());
        }
        if (destroyed) return false;
    }
    destroyed_ = nullptr;
    return true;
}

void TlsStream::set_handler(StreamHandler& handler) {
    handler_ = &handler;
    if (!early_.empty()) loop_.flush_later(*this);
    if (phase_ == Phase::open) tcp_->resume();
}

void TlsStream::write(ByteView bytes) {
    if (phase_ == Phase::closed || shutting_down_ || bytes.empty()) return;
    if (queued() + bytes.size() > write_limit_) {
        return tcp_->fail(CloseReason::write_limit, "the peer reads slower than we write");
    }
    if (out_.capacity() == 0) out_ = loop_.take_buffer();
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    loop_.flush_later(*this);
}

void TlsStream::flush() {
    if (phase_ != Phase::open) return;
    if (handler_ != nullptr && !early_.empty()) {
        const Bytes early = std::exchange(early_, {});
        if (!read_plain(early)) return;
    }
    if (phase_ != Phase::open) return;
    encrypt_queued();
    if (shutting_down_) {
        session_->close(*tcp_);
        tcp_->shutdown();
    }
}

// A turn's writes become as few records as can be.
void TlsStream::encrypt_queued() {
    if (out_.empty()) return;
    session_->write(out_, *tcp_);
    loop_.give_back(std::move(out_));
    out_ = {};
}

void TlsStream::shutdown() {
    if (phase_ == Phase::closed || shutting_down_) return;
    shutting_down_ = true;
    if (phase_ == Phase::handshake) {
        tcp_->shutdown();
    } else {
        loop_.flush_later(*this);
    }
}

void TlsStream::end(CloseReason reason, std::string_view detail) {
    phase_ = Phase::closed;
    session_->close(*tcp_);
    tcp_->shutdown();
    if (handler_ != nullptr)
        handler_->on_close(shutting_down_ ? CloseReason::shut_down : reason, detail);
}

void TlsStream::on_drain() {
    if (handler_ != nullptr && phase_ == Phase::open) handler_->on_drain();
}

void TlsStream::on_close(CloseReason reason, std::string_view detail) {
    if (phase_ == Phase::closed) return;
    if (phase_ == Phase::handshake && opening_->on_handshake) {
        return report_handshake(Handshake::failed, detail.empty() ? "the peer closed" : detail);
    }
    phase_ = Phase::closed;
    if (opening_) opening_->work->stream = nullptr;
    if (handler_ != nullptr) handler_->on_close(reason, detail);
}

std::size_t TlsStream::queued() const { return out_.size() + tcp_->queued(); }
void TlsStream::set_write_limit(std::size_t bytes) { write_limit_ = bytes; }
void TlsStream::pause() { tcp_->pause(); }
void TlsStream::resume() { tcp_->resume(); }

}  // namespace helio::io
