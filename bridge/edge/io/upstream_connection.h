// The socket of a bridge: looks the name up, connects over TCP or TLS, moves bytes.
#pragma once

#include "base/io/resolver.h"
#include "base/io/stream.h"
#include "base/io/tls_context.h"
#include "bridge/edge/upstream.h"

#include <memory>
#include <optional>
#include <string>

namespace helio::bridge::edge {

class UpstreamConnection final : public UpstreamPort, private io::StreamHandler {
  public:
    struct Address {
        std::string host;
        std::uint16_t port = 1883;
    };

    // Without a context: no TLS.
    UpstreamConnection(io::Loop& loop, Address address, std::optional<io::TlsContext> tls);

    // Before the first open(); it outlives the connection or is never heard of again.
    void serve(Upstream& upstream) { upstream_ = &upstream; }

    void open() override;
    void send(ByteView bytes) override;
    void close() override;

  private:
    void connect(const io::Peer& peer);
    void on_data(ByteView bytes) override;
    void on_close(io::CloseReason reason, std::string_view detail) override;

    io::Loop& loop_;
    Address address_;
    std::optional<io::TlsContext> tls_;
    io::Resolver resolver_;
    Upstream* upstream_ = nullptr;
    std::unique_ptr<io::Stream> stream_;
    std::uint64_t attempt_ = 0;
};

// "mqtt://host[:1883]" or "mqtts://host[:8883]"; absent for anything else.
struct UpstreamUrl {
    UpstreamConnection::Address address;
    bool tls = false;
};
std::optional<UpstreamUrl> parse_upstream_url(std::string_view text);

}  // namespace helio::bridge::edge
