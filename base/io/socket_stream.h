// A connected stream socket as a Stream: TCP, or the local socket to a child process.  For the
// other files of base/io only.
#pragma once

#include "base/io/loop_impl.h"
#include "base/io/stream.h"

#include <memory>

namespace helio::io {

class SocketStream final : public Stream {
  public:
    // Takes a non-blocking socket over.
    SocketStream(Loop::Impl& loop, int fd, const Peer& peer);
    // What is written before the connection stands leaves once it does.
    static std::unique_ptr<SocketStream> connect(Loop::Impl& loop, const Peer& to);
    ~SocketStream() override;
    SocketStream(const SocketStream&) = delete;
    SocketStream& operator=(const SocketStream&) = delete;

    void set_handler(StreamHandler& handler) override;
    using Stream::write;
    void write(ByteView bytes) override;
    void shutdown() override;
    std::size_t queued() const override;
    void set_write_limit(std::size_t bytes) override;
    void pause() override;
    void resume() override;
    Peer peer() const override;
    Peer local() const override;

    // Closes and reports it to the handler.
    void fail(CloseReason reason, std::string_view detail);

  private:
    struct State;
    State* state_;  // freed at the end of the turn in which it is closed and this is gone
};

}  // namespace helio::io
