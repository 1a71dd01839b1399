#include "base/io/websocket_stream.h"

#include "base/io/loop_impl.h"
#include "base/net/websocket.h"

#include <utility>

namespace helio::io {
namespace {

class WebSocketStream final : public Stream, private StreamHandler, private Flushable {
  public:
    WebSocketStream(Loop& loop, std::unique_ptr<Stream> connection, std::string already_read)
        : loop_(loop.impl()), connection_(std::move(connection)), early_(std::move(already_read)) {}
    ~WebSocketStream() override;

    void set_handler(StreamHandler& handler) override;
    using Stream::write;
    void write(ByteView bytes) override;
    void shutdown() override;
    std::size_t queued() const override { return out_.size() + connection_->queued(); }
    void set_write_limit(std::size_t bytes) override;
    void pause() override { connection_->pause(); }
    void resume() override { connection_->resume(); }
    Peer peer() const override { return connection_->peer(); }
    Peer local() const override { return connection_->local(); }
    const TlsInfo* tls() const override { return connection_->tls(); }
    std::unique_ptr<TlsInfo> take_tls() override { return connection_->take_tls(); }

  private:
    void on_data(ByteView frames) override { read(frames); }
    void on_drain() override;
    void on_close(CloseReason reason, std::string_view detail) override;
    void flush() override;
    bool read(ByteView frames);
    void report_close(CloseReason reason, std::string_view detail);
    void send_queued();
    void say_goodbye();

    Loop::Impl& loop_;
    std::unique_ptr<Stream> connection_;
    std::string early_;  // until there is a handler
    net::WebSocket socket_;
    StreamHandler* handler_ = nullptr;
    Bytes out_;  // written in this turn
    std::size_t write_limit_ = kDefaultWriteLimit;
    bool shutting_down_ = false;
    bool reported_ = false;
    bool* destroyed_ = nullptr;  // set by the destructor for who is in a call of ours
};

WebSocketStream::~WebSocketStream() {
    if (destroyed_ != nullptr) *destroyed_ = true;
    loop_.forget(*this);
    say_goodbye();
}

void WebSocketStream::set_handler(StreamHandler& handler) {
    const bool first = handler_ == nullptr;
    handler_ = &handler;
    if (!first) return;
    if (!early_.empty()) loop_.flush_later(*this);
    connection_->set_handler(*this);
}

// False where the handler has destroyed this.
bool WebSocketStream::read(ByteView frames) {
    if (socket_.closed()) return true;
    // What came with the upgrade is first, even where more has come within the same turn.
    const std::string early = std::move(early_);
    early_.clear();
    Bytes data = loop_.take_buffer();
    Bytes answer;
    socket_.feed(bytes_of(early), data, answer);
    socket_.feed(frames, data, answer);
    connection_->write(answer);

    bool destroyed = false;
    destroyed_ = &destroyed;
    if (!data.empty()) handler_->on_data(data);
    loop_.give_back(std::move(data));
    if (destroyed) return false;
    destroyed_ = nullptr;
    if (!socket_.closed() || shutting_down_) return true;
    connection_->shutdown();
    report_close(socket_.closed_by_peer() ? CloseReason::peer_closed : CloseReason::failed,
                 "the WebSocket is closed");
    return false;
}

void WebSocketStream::report_close(CloseReason reason, std::string_view detail) {
    if (std::exchange(reported_, true)) return;
    handler_->on_close(reason, detail);
}

void WebSocketStream::on_drain() {
    if (!socket_.closed()) handler_->on_drain();
}

void WebSocketStream::on_close(CloseReason reason, std::string_view detail) {
    report_close(reason, detail);
}

void WebSocketStream::write(ByteView bytes) {
    if (socket_.closed() || bytes.empty()) return;
    if (out_.capacity() == 0) out_ = loop_.take_buffer();
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    // Over the limit the connection closes, and says so.
    if (queued() > write_limit_) return send_queued();
    loop_.flush_later(*this);
}

void WebSocketStream::flush() {
    if (!early_.empty() && !read({})) return;
    send_queued();
}

void WebSocketStream::send_queued() {
    if (out_.empty()) return;
    Bytes frame = loop_.take_buffer();
    socket_.send(out_, frame);
    connection_->write(frame);
    loop_.give_back(std::move(frame));
    loop_.give_back(std::move(out_));
    out_ = {};
}

void WebSocketStream::say_goodbye() {
    if (socket_.closed()) return;
    send_queued();
    Bytes frame;
    socket_.close(net::WebSocketClose::normal, "", frame);
    connection_->write(frame);
}

void WebSocketStream::shutdown() {
    if (socket_.closed()) return;
    shutting_down_ = true;
    say_goodbye();
    connection_->shutdown();
}

void WebSocketStream::set_write_limit(std::size_t bytes) {
    write_limit_ = bytes;
    connection_->set_write_limit(bytes);
}

}  // namespace

std::unique_ptr<Stream> make_websocket_stream(Loop& loop,
                                              std::unique_ptr<Stream> connection,
                                              std::string already_read) {
    return std::make_unique<WebSocketStream>(loop, std::move(connection), std::move(already_read));
}

}  // namespace helio::io
