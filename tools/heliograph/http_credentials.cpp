#include "tools/heliograph/http_credentials.h"

namespace helio::server {

bridge::identity::Credentials http_credentials(net::HttpRequest&& request,
                                               const io::Responder& from) {
    const io::Peer peer = from.peer();
    bridge::identity::Credentials out{
        .way = bridge::identity::Way::http,
        .address = peer.text(),
        .loopback = peer.is_loopback(),
        .http = std::make_shared<const net::HttpRequest>(std::move(request)),
    };
    if (const io::TlsInfo* const tls = from.tls()) {
        out.tls = true;
        out.server_name = tls->server_name;
        out.alpn = tls->alpn;
        out.certificate = tls->peer_certificate;
    }
    return out;
}

}  // namespace helio::server
