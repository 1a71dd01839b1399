#include "tools/heliograph/listeners.h"

namespace helio::server {

Listeners::Listeners(io::Loop& loop,
                     const ListenAddresses& at,
                     const crypto::x509::ServerIdentity& certificates,
                     bridge::mqtt::Broker& broker,
                     io::HttpServer::Handler on_request)
    : http_(loop, std::move(on_request)), mqtt_(loop, broker) {
    if (at.mqtt_tls || at.http_tls) {
        tls_ = std::make_unique<io::TlsContext>(
            io::TlsContext::server({.certificate_pem = certificates.certificate_pem,
                                    .key_pem = certificates.key_pem,
                                    .client_certificate = io::ClientCertificate::ignored}));
    }
    if (at.http_plain) say("http", http_.listen(*at.http_plain, "http.plain"));
    if (at.http_tls) {
        const io::Peer local = http_.listen_tls(*at.http_tls, "http.tls", *tls_);
        https_port_ = local.port;
        say("https", local);
    }
    if (at.mqtt_tcp) say("mqtt", mqtt_.listen_tcp(*at.mqtt_tcp, "mqtt.tcp"));
    if (at.mqtt_tls) say("mqtts", mqtt_.listen_tls(*at.mqtt_tls, "mqtt.tls", *tls_));
}

void Listeners::say(std::string_view name, const io::Peer& address) {
    if (!text_.empty()) text_ += ' ';
    text_ += name;
    text_ += '=';
    text_ += address.text();
}

}  // namespace helio::server
