#include "bridge/edge/io/upstream_connection.h"

#include "base/io/tcp.h"
#include "base/io/tls.h"

#include <charconv>

namespace helio::bridge::edge {
namespace {

std::string_view sentence(io::CloseReason reason) {
    switch (reason) {
        case io::CloseReason::refused:
            return "nobody answers at that address";
        case io::CloseReason::tls_failed:
            return "TLS failed";
        case io::CloseReason::write_limit:
            return "the other side reads too slowly";
        default:
            return "the connection was lost";
    }
}

}  // namespace

UpstreamConnection::UpstreamConnection(io::Loop& loop,
                                       Address address,
                                       std::optional<io::TlsContext> tls)
    : loop_(loop), address_(std::move(address)), tls_(std::move(tls)), resolver_(loop) {}

void UpstreamConnection::open() {
    const std::uint64_t attempt = ++attempt_;
    resolver_.resolve(address_.host, address_.port, [this, attempt](std::optional<io::Peer> peer) {
        if (attempt != attempt_) return;
        if (!peer) return upstream_->on_closed("its name has no address", loop_.now());
        connect(*peer);
    });
}

void UpstreamConnection::connect(const io::Peer& peer) {
    stream_ =
        tls_ ? io::connect_tls(loop_, peer, *tls_, address_.host) : io::connect_tcp(loop_, peer);
    stream_->set_handler(*this);
    upstream_->on_open(loop_.now());
}

void UpstreamConnection::send(ByteView bytes) {
    if (stream_) stream_->write(bytes);
}

void UpstreamConnection::close() {
    ++attempt_;
    stream_.reset();
}

void UpstreamConnection::on_data(ByteView bytes) { upstream_->on_bytes(bytes, loop_.now()); }

void UpstreamConnection::on_close(io::CloseReason reason, std::string_view detail) {
    std::string why(sentence(reason));
    if (!detail.empty()) why += ": " + std::string(detail);
    stream_.reset();
    upstream_->on_closed(std::move(why), loop_.now());
}

std::optional<UpstreamUrl> parse_upstream_url(std::string_view text) {
    UpstreamUrl out;
    if (text.starts_with("mqtts://")) {
        out.tls = true;
        out.address.port = 8883;
        text.remove_prefix(8);
    } else if (text.starts_with("mqtt://")) {
        text.remove_prefix(7);
    } else {
        return std::nullopt;
    }
    std::string_view port;
    if (text.starts_with('[')) {  // an address of IPv6
        const std::size_t end = text.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        out.address.host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else {
        const std::size_t colon = std::min(text.find(':'), text.size());
        out.address.host = text.substr(0, colon);
        port = text.substr(colon);
    }
    if (out.address.host.empty() || out.address.host.find('/') != std::string::npos) {
        return std::nullopt;
    }
    if (port.empty()) return out;
    const char* const end = port.data() + port.size();
    const auto [at, error] = std::from_chars(port.data() + 1, end, out.address.port);
    if (port[0] != ':' || error != std::errc() || at != end || out.address.port == 0) {
        return std::nullopt;
    }
    return out;
}

}  // namespace helio::bridge::edge
