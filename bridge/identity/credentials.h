// What a client shows of itself, whatever the way it came: a CONNECT over TCP, TLS or WebSocket, or
// an HTTP request.
#pragma once

#include "base/bytes.h"
#include "base/net/http.h"
#include "bridge/mqtt/session/connect_request.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace helio::bridge::identity {

enum class Way : std::uint8_t { mqtt, websocket, http };

struct Credentials {
    Way way = Way::mqtt;
    std::string address;  // "192.0.2.7:51234"
    bool loopback = false;
    bool tls = false;
    std::string server_name;  // SNI; empty without
    std::string alpn;         // as agreed; empty without
    Bytes certificate;        // DER of the leaf; its key is proven, nothing else.  Empty without
    std::shared_ptr<const net::HttpRequest> http;  // the upgrade or the request; null for Way::mqtt

    // Of a CONNECT; without meaning for Way::http.
    std::string client_id;  // empty where the server is to choose one
    std::optional<std::string> user_name;
    std::optional<Bytes> password;
    bool persistent = false;  // the session outlives its connection
    bool has_will = false;

    // "192.0.2.7", without brackets around an IPv6 address.
    std::string ip() const;
};

Credentials credentials_of(const mqtt::ConnectRequest& request);

}  // namespace helio::bridge::identity
