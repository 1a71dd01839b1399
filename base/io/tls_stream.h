// A TLS connection over a TCP connection, for base/io only.
//
//   handshake: bytes are gathered here, and a background thread works on them, a step at a time
//   open:      OpenSSL reads from the buffer that the TCP connection was read into and writes into
//              its queue, so an idle connection holds no buffer of ours
#pragma once

#include "base/io/loop_impl.h"
#include "base/io/socket_stream.h"
#include "base/io/stream.h"
#include "base/io/timer.h"
#include "base/io/tls_context.h"
#include "base/io/tls_session.h"

#include <functional>
#include <memory>
#include <string>

namespace helio::io {

class TlsStream final : public Stream, private StreamHandler, private Flushable {
  public:
    enum class Handshake : std::uint8_t { done, failed, timed_out };
    // Once; may destroy the stream.
    using OnHandshake = std::function<void(TlsStream&, Handshake, std::string_view detail)>;

    // For a client `server_name` is what the certificate must name.  Without `on_handshake` a
    // failure goes to the handler's on_close.
    TlsStream(Loop& loop,
              std::unique_ptr<SocketStream> tcp,
              const TlsContext& context,
              const std::string& server_name,
              Duration handshake_timeout,
              OnHandshake on_handshake);
    ~TlsStream() override;

    void set_handler(StreamHandler& handler) override;
    using Stream::write;
    void write(ByteView bytes) override;
    void shutdown() override;
    std::size_t queued() const override;
    void set_write_limit(std::size_t bytes) override;
    void pause() override;
    void resume() override;
    Peer peer() const override { return tcp_->peer(); }
    Peer local() const override { return tcp_->local(); }
    const TlsInfo* tls() const override { return info_.get(); }
    std::unique_ptr<TlsInfo> take_tls() override { return std::move(info_); }

  private:
    struct Work;
    struct Opening;
    enum class Phase : std::uint8_t { handshake, open, closed };

    void on_data(ByteView encrypted) override;
    void on_drain() override;
    void on_close(CloseReason reason, std::string_view detail) override;
    void flush() override;
    void gather(ByteView encrypted);
    void start_step();
    void step_over();
    void handshake_done();
    void report_handshake(Handshake result, std::string_view detail);
    bool read_plain(ByteView encrypted);
    void encrypt_queued();
    void end(CloseReason reason, std::string_view detail);

    Loop::Impl& loop_;
    std::unique_ptr<SocketStream> tcp_;
    std::unique_ptr<Opening> opening_;     // during the handshake
    std::unique_ptr<TlsSession> session_;  // after it
    StreamHandler* handler_ = nullptr;
    std::unique_ptr<TlsInfo> info_;

    Bytes early_;  // encrypted; came before there was a handler
    Bytes out_;    // written, not encrypted
    std::size_t write_limit_ = kDefaultWriteLimit;
    Phase phase_ = Phase::handshake;
    bool shutting_down_ = false;
    bool* destroyed_ = nullptr;  // set by the destructor for who is in a call of ours
};

}  // namespace helio::io
