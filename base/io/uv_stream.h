// TCP connections and pipes as Streams over libuv, for the other files of base/io only.
#pragma once

#include "base/io/loop_impl.h"
#include "base/io/stream.h"

#include <memory>

namespace helio::io {

class UvStream final : public Stream {
  public:
    enum class Kind : std::uint8_t { tcp, pipe };

    UvStream(Loop::Impl& loop, Kind kind);
    ~UvStream() override;
    UvStream(const UvStream&) = delete;
    UvStream& operator=(const UvStream&) = delete;

    uv_stream_t* handle();
    // After accept or open: notes the peer, sets the options.
    void opened();
    void connect(const Peer& to);

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
    State* state_;  // freed once it is closed and this is gone
};

}  // namespace helio::io
