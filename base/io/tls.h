// TLS: a listener that hands over connections whose handshake is done, and outgoing connections.
//
// A connection is a Stream like any other; Stream::tls() tells what the handshake found.
#pragma once

#include "base/io/loop.h"
#include "base/io/stream.h"
#include "base/io/tls_context.h"

#include <functional>
#include <memory>

namespace helio::io {

struct TlsLimits {
    Duration handshake_timeout = std::chrono::seconds(10);
    std::size_t max_handshakes = 2000;  // at a time; beyond, the oldest gives way
};

struct TlsStats {
    std::uint64_t handshakes = 0;
    std::uint64_t failed = 0;
    std::uint64_t timed_out = 0;
    std::uint64_t refused = 0;  // by max_handshakes
};

class TlsListener {
  public:
    using OnStream = std::function<void(std::unique_ptr<Stream>)>;

    // The context is looked at for each new connection, so that it may be reloaded; it outlives the
    // listener.  As with TcpListener, `key` names the setting for the sentence that is thrown.
    TlsListener(Loop& loop,
                const Peer& bind_to,
                std::string_view key,
                const TlsContext& context,
                OnStream on_stream,
                TlsLimits limits = {});
    ~TlsListener();
    TlsListener(const TlsListener&) = delete;
    TlsListener& operator=(const TlsListener&) = delete;

    // Nobody comes in any more, also not who is in a handshake.  For good.
    void stop();

    Peer local() const;  // until stop()
    const TlsStats& stats() const;
    // Of the last handshake that failed, for a sampled log line.
    const std::string& last_error() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// The server must show a certificate for `server_name` (a DNS name or an IP address).  What is
// written before the handshake is done leaves after it.
std::unique_ptr<Stream> connect_tls(Loop& loop,
                                    const Peer& to,
                                    const TlsContext& context,
                                    const std::string& server_name,
                                    TlsLimits limits = {});

}  // namespace helio::io
