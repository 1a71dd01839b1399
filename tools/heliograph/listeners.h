// The ports for everybody but gateways: MQTT and HTTP, plain, over TLS, and both on one port.
//
//   port           ALPN                      goes to
//   mqtt.tls       any                       MQTT, by certificate also where it is `mqtt`
//   http.*         any                       HTTP; /mqtt is the WebSocket of MQTT
//   edge443.mux    x-amzn-mqtt-ca            MQTT
//                  mqtt                      MQTT, for custom authorizers
//                  x-amzn-http-ca            HTTP
//                  http/1.1                  HTTP, and no certificate is asked for
//                  another, or none          HTTP
#pragma once

#include "base/io/http_server.h"
#include "base/io/tls.h"
#include "base/io/tls_context.h"
#include "bridge/mqtt/io/mqtt_server.h"
#include "crypto/x509/server_identity.h"
#include "tools/heliograph/settings.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::server {

class Listeners {
  public:
    using MayUpgrade = std::function<bool(const net::HttpRequest&)>;

    // Every listener is up when it returns.  Throws std::runtime_error with one sentence where a
    // port cannot be opened.
    Listeners(io::Loop& loop,
              const ListenAddresses& at,
              const crypto::x509::ServerIdentity& certificates,
              bridge::mqtt::Broker& broker,
              io::HttpServer::Handler on_request,
              MayUpgrade may_upgrade);
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;

    // "mqtt=127.0.0.1:1883 http=..."
    const std::string& text() const { return text_; }
    std::uint16_t https_port() const { return https_port_; }  // 0 without

    // For connections from now on.  Throws std::runtime_error where the certificate cannot be used;
    // then nothing has changed.
    void show(const crypto::x509::ServerIdentity& certificates);

    // No port takes a new connection any more; MQTT clients that are there are told and closed, and
    // requests that are under way are answered.
    void shut_down();

    bridge::mqtt::MqttServer& mqtt() { return mqtt_; }
    const io::HttpServer& http() const { return http_; }

    // Of those that are open, with the name of its setting.
    struct TlsPort {
        std::string_view key;
        std::unique_ptr<io::TlsListener> listener;
    };
    const std::vector<TlsPort>& tls_ports() const { return tls_ports_; }

  private:
    // Of the TLS listeners, which outlive them.
    struct Contexts {
        explicit Contexts(const crypto::x509::ServerIdentity& certificates);
        io::TlsContext mqtt, http, shared;
    };

    void say(std::string_view name, const io::Peer& address);
    void serve(net::HttpRequest&& request, io::Responder responder);
    void sort(std::unique_ptr<io::Stream> stream);
    io::Peer listen_tls(const io::Peer& at,
                        std::string_view key,
                        const io::TlsContext& context,
                        io::TlsListener::OnStream on_stream);

    io::Loop& loop_;
    std::optional<Contexts> tls_;
    io::HttpServer::Handler on_request_;
    MayUpgrade may_upgrade_;
    io::HttpServer http_;
    bridge::mqtt::MqttServer mqtt_;
    std::vector<TlsPort> tls_ports_;
    std::uint16_t https_port_ = 0;
    std::string text_;
};

}  // namespace helio::server
