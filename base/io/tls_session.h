// OpenSSL's side of one TLS connection: encrypted bytes in and out, plain bytes out and in.  For
// base/io only.
//
// Belongs to one thread at a time: a worker during a step of the handshake, then the loop.
#pragma once

#include "base/bytes.h"
#include "base/io/stream.h"
#include "base/io/tls_context.h"

#include <memory>
#include <string>

namespace helio::io {

class SocketStream;

class TlsSession {
  public:
    enum class Step : std::uint8_t { wants_more, done, failed };
    enum class Read : std::uint8_t { data, wants_more, closed, failed };

    // For a client `server_name` is what the certificate must name.  Costs nothing: OpenSSL is
    // asked at the first step.
    TlsSession(const TlsContext& context, std::string server_name);
    ~TlsSession();
    TlsSession(const TlsSession&) = delete;
    TlsSession& operator=(const TlsSession&) = delete;

    // Reads from the front of `input`, which is cut by that much, and appends to `output`.
    Step handshake(ByteView& input, Bytes& output);
    // Once the handshake is done.
    std::unique_ptr<TlsInfo> info() const;
    // Why a step or a read has failed.
    const std::string& error() const { return error_; }

    // At most one record; `size` bytes of `plain` are written.  Answers to the peer go to `tcp`.
    Read read(ByteView& input,
              std::uint8_t* plain,
              std::size_t capacity,
              std::size_t& size,
              SocketStream& tcp);
    void write(ByteView plain, SocketStream& tcp);
    // That nothing more is sent.
    void close(SocketStream& tcp);

  private:
    struct Bio;
    // Where OpenSSL reads from, and where it writes to: one of the two.
    struct Wire {
        ByteView input;
        Bytes* output = nullptr;
        SocketStream* tcp = nullptr;
    };

    void start();

    std::shared_ptr<ssl_ctx_st> context_;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
    Wire wire_;
    std::string server_name_;
    std::string error_;
    bool is_server_;
};

}  // namespace helio::io
