// A connection that carries bytes in order: TCP, TLS or a pipe to a child process, all alike.
//
// Writes are collected and leave at the end of the turn; write() never calls back.  The handler may
// destroy the stream in any of its calls.
#pragma once

#include "base/bytes.h"
#include "base/io/peer.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace helio::io {

enum class CloseReason : std::uint8_t {
    peer_closed,  // in order
    shut_down,    // our own shutdown() is done
    failed,       // reset, unreachable, timed out
    write_limit,  // the peer reads slower than we write, and the limit is reached
    refused,      // an outgoing connection did not come about
    tls_failed,   // handshake or record; the detail says what OpenSSL says
};

class StreamHandler {
  public:
    // Borrows a buffer that all streams of the loop share.
    virtual void on_data(ByteView bytes) = 0;
    // All that was written has left, after some of it had to wait.
    virtual void on_drain() {}
    // Once, and nothing comes after it; not where our side destroyed the stream.
    virtual void on_close(CloseReason reason, std::string_view detail) = 0;

  protected:
    ~StreamHandler() = default;
};

// What a TLS handshake told.
struct TlsInfo {
    std::string server_name;   // that the client asked for (SNI); empty without
    std::string alpn;          // the protocol that was agreed on; empty without
    std::string_view version;  // "TLSv1.3"; static text, as the next
    std::string_view cipher;
    bool resumed = false;    // the certificate is that of the first handshake
    Bytes peer_certificate;  // DER of the leaf; empty without.  The peer has proven to hold its
                             // key, and nothing else about it has been checked.
};

class Stream {
  public:
    static constexpr std::size_t kDefaultWriteLimit = 16u << 20;

    // Gives what is queued to the kernel as far as it takes it without waiting, then closes.
    virtual ~Stream() = default;

    // Reading begins with the first handler.  The next one gets what comes from then on: so a
    // connection is handed over after an upgrade.
    virtual void set_handler(StreamHandler& handler) = 0;

    // Dropped where the stream is closing already.
    virtual void write(ByteView bytes) = 0;
    void write(std::string_view text) { write(bytes_of(text)); }

    // Writes what is queued, tells the peer that this was all, and waits a few seconds for it to
    // close; then on_close(shut_down).  What still comes from the peer is thrown away.
    virtual void shutdown() = 0;

    // Not yet taken by the kernel: whoever produces without end stops above some size and goes on
    // at on_drain.
    virtual std::size_t queued() const = 0;
    virtual void set_write_limit(std::size_t bytes) = 0;

    // Back-pressure; after pause() what has been read already (at most 64 KB) still comes.
    virtual void pause() = 0;
    virtual void resume() = 0;

    virtual Peer peer() const = 0;
    virtual Peer local() const = 0;
    virtual const TlsInfo* tls() const { return nullptr; }
    // Once it is known who speaks: an idle connection need not keep it.  tls() is null after that.
    virtual std::unique_ptr<TlsInfo> take_tls() { return nullptr; }
};

}  // namespace helio::io
