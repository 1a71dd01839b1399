// The ports for everybody but gateways: MQTT and HTTP, plain and over TLS.
#pragma once

#include "base/io/http_server.h"
#include "base/io/tls_context.h"
#include "bridge/mqtt/io/mqtt_server.h"
#include "crypto/x509/server_identity.h"
#include "tools/heliograph/settings.h"

#include <memory>
#include <string>

namespace helio::server {

class Listeners {
  public:
    // Every listener is up when it returns.  Throws std::runtime_error with one sentence where a
    // port cannot be opened.
    Listeners(io::Loop& loop,
              const ListenAddresses& at,
              const crypto::x509::ServerIdentity& certificates,
              bridge::mqtt::Broker& broker,
              io::HttpServer::Handler on_request);
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;

    // "mqtt=127.0.0.1:1883 http=..."
    const std::string& text() const { return text_; }
    std::uint16_t https_port() const { return https_port_; }  // 0 without

    bridge::mqtt::MqttServer& mqtt() { return mqtt_; }
    const io::HttpServer& http() const { return http_; }

  private:
    void say(std::string_view name, const io::Peer& address);

    std::unique_ptr<io::TlsContext> tls_;
    io::HttpServer http_;
    bridge::mqtt::MqttServer mqtt_;
    std::uint16_t https_port_ = 0;
    std::string text_;
};

}  // namespace helio::server
