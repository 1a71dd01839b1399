// The inside of Loop, for the other files of base/io only.
#pragma once

#include "base/bytes.h"
#include "base/io/loop.h"
#include "base/io/socket_set.h"
#include "base/io/wall_clock.h"

#include <uv.h>

#include <array>
#include <mutex>
#include <optional>
#include <vector>

namespace helio::io {

// Something with output to write at the end of the turn.
class Flushable {
  public:
    virtual void flush() = 0;

  protected:
    ~Flushable() = default;

  private:
    friend struct Loop::Impl;
    bool queued_for_flush_ = false;
};

// Something that has ended and reports it when no call of its own is running any more.
class Closing {
  public:
    virtual void closed() = 0;

  protected:
    ~Closing() = default;
};

class BackgroundThreads;

struct Loop::Impl {
    static constexpr std::size_t kReadBufferSize = 64 * 1024;
    static constexpr std::size_t kPooledBuffers = 64;
    static constexpr std::size_t kPooledCapacity = 256 * 1024;

    Impl();
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    Instant now();
    void post(std::function<void()> call);  // from any thread
    void run_posted();
    void run_closed();
    void end_turn();
    void finish_turn();

    void flush_later(Flushable& flushable);
    void forget(Flushable& flushable);  // before a Flushable goes

    void close_later(Closing& one) { closing.push_back(&one); }

    // Started when they are first needed.
    BackgroundThreads& background_threads();

    // Buffers for output that live from the first write of a turn to its flush.
    Bytes take_buffer();
    void give_back(Bytes&& buffer);

    uv_loop_t loop{};
    std::optional<SocketSet> sockets;  // as long as the loop runs
    // Not uv_async_t, for which the loop spins while the thread that woke it is not on a processor.
    int wake = -1;  // an eventfd
    uv_poll_t woken{};
    uv_prepare_t prepare{};
    std::array<uv_signal_t, 3> signals{};
    std::function<void()> on_stop_signal;
    std::function<void()> on_reload_signal;

    std::mutex mutex;
    std::vector<std::function<void()>> posted;  // guarded by mutex
    std::vector<std::function<void()>> turn_end;
    std::vector<Flushable*> dirty;
    std::vector<Closing*> closing;
    std::vector<Bytes> buffers;

    // One for all streams of the loop: data is handled inside the read callback and kept by nobody,
    // so idle connections hold no buffer.
    std::unique_ptr<std::uint8_t[]> read_buffer;
    std::unique_ptr<std::uint8_t[]> plain_buffer;  // what TLS decrypts into

    std::unique_ptr<BackgroundThreads> background;

    WallClock clock;
    Instant turn_time{};
    bool turn_time_read = false;
};

}  // namespace helio::io
