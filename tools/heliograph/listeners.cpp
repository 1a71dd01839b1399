#include "tools/heliograph/listeners.h"

namespace helio::server {
namespace {

constexpr std::string_view kWebSocketPath = "/mqtt";
constexpr const char* kMqttByCertificate = "x-amzn-mqtt-ca";
constexpr const char* kMqtt = "mqtt";
constexpr const char* kHttpByCertificate = "x-amzn-http-ca";
constexpr const char* kHttp = "http/1.1";

io::TlsServerConfig config_for(const crypto::x509::ServerIdentity& certificates,
                               std::vector<std::string> alpn) {
    return {.certificate_pem = certificates.certificate_pem,
            .key_pem = certificates.key_pem,
            .client_certificate = io::ClientCertificate::requested,
            .alpn = std::move(alpn)};
}

io::TlsServerConfig mqtt_config(const crypto::x509::ServerIdentity& certificates) {
    return config_for(certificates, {kMqttByCertificate, kMqtt});
}

io::TlsServerConfig http_config(const crypto::x509::ServerIdentity& certificates) {
    return config_for(certificates, {kHttpByCertificate, kHttp});
}

io::TlsServerConfig shared_config(const crypto::x509::ServerIdentity& certificates) {
    auto out = config_for(certificates, {kMqttByCertificate, kMqtt, kHttpByCertificate, kHttp});
    out.alpn_without_certificate = {kHttp};
    return out;
}

}  // namespace

Listeners::Contexts::Contexts(const crypto::x509::ServerIdentity& certificates)
    : mqtt(io::TlsContext::server(mqtt_config(certificates))),
      http(io::TlsContext::server(http_config(certificates))),
      shared(io::TlsContext::server(shared_config(certificates))) {}

Listeners::Listeners(io::Loop& loop,
                     const ListenAddresses& at,
                     const crypto::x509::ServerIdentity& certificates,
                     bridge::mqtt::Broker& broker,
                     io::HttpServer::Handler on_request,
                     MayUpgrade may_upgrade)
    : loop_(loop),
      on_request_(std::move(on_request)),
      may_upgrade_(std::move(may_upgrade)),
      http_(loop,
            [this](net::HttpRequest&& request, io::Responder responder) {
                serve(std::move(request), std::move(responder));
            }),
      mqtt_(loop, broker) {
    if (at.mqtt_tls || at.http_tls || at.edge443) tls_.emplace(certificates);
    if (at.http_plain) say("http", http_.listen(*at.http_plain, "http.plain"));
    if (at.http_tls) {
        const io::Peer local =
            listen_tls(*at.http_tls, "http.tls", tls_->http, [this](auto stream) {
                http_.serve(std::move(stream));
            });
        https_port_ = local.port;
        say("https", local);
    }
    if (at.mqtt_tcp) say("mqtt", mqtt_.listen_tcp(*at.mqtt_tcp, "mqtt.tcp"));
    if (at.mqtt_tls) {
        say("mqtts", listen_tls(*at.mqtt_tls, "mqtt.tls", tls_->mqtt, [this](auto stream) {
                mqtt_.adopt(std::move(stream));
            }));
    }
    if (at.edge443) {
        say("edge443", listen_tls(*at.edge443, "edge443.mux", tls_->shared, [this](auto stream) {
                sort(std::move(stream));
            }));
    }
}

io::Peer Listeners::listen_tls(const io::Peer& at,
                               std::string_view key,
                               const io::TlsContext& context,
                               io::TlsListener::OnStream on_stream) {
    tls_ports_.push_back(
        {key, std::make_unique<io::TlsListener>(loop_, at, key, context, std::move(on_stream))});
    return tls_ports_.back().listener->local();
}

void Listeners::serve(net::HttpRequest&& request, io::Responder responder) {
    if (request.path() != kWebSocketPath) {
        on_request_(std::move(request), std::move(responder));
    } else if (may_upgrade_(request)) {
        mqtt_.upgrade(std::move(request), std::move(responder));
    } else {
        responder.respond(net::http_error(403, "Forbidden"));
    }
}

void Listeners::sort(std::unique_ptr<io::Stream> stream) {
    const std::string& alpn = stream->tls()->alpn;
    if (alpn == kMqttByCertificate || alpn == kMqtt) {
        mqtt_.adopt(std::move(stream), bridge::mqtt::Alpn::decides);
    } else {
        http_.serve(std::move(stream));
    }
}

void Listeners::show(const crypto::x509::ServerIdentity& certificates) {
    if (!tls_) return;
    tls_->mqtt.reload(mqtt_config(certificates));  // throws, or all three are good
    tls_->http.reload(http_config(certificates));
    tls_->shared.reload(shared_config(certificates));
}

void Listeners::shut_down() {
    for (const TlsPort& port : tls_ports_) port.listener->stop();
    http_.stop_listening();
    mqtt_.shut_down();
}

void Listeners::say(std::string_view name, const io::Peer& address) {
    if (!text_.empty()) text_ += ' ';
    text_ += name;
    text_ += '=';
    text_ += address.text();
}

}  // namespace helio::server
