// A CONNECT as the session core sees it: owned, with the defaults of its version filled in and with
// what the transport knows of the client.
#pragma once

#include "base/bytes.h"
#include "base/net/http.h"
#include "base/time.h"
#include "bridge/mqtt/packet/connect.h"
#include "bridge/mqtt/session/message.h"

#include <memory>
#include <optional>
#include <string>

namespace helio::bridge::mqtt {

struct ClientAddress {
    std::string text;  // "192.0.2.7:51234", for people and logs
    bool loopback = false;
    bool tls = false;
    std::string server_name;                          // SNI
    std::string alpn;                                 // as agreed; empty without
    std::shared_ptr<const net::HttpRequest> upgrade;  // of a WebSocket; null without
    Bytes certificate;  // DER of the client's certificate; its key is proven, nothing else
};

struct Will {
    MessagePtr message;  // its expiry counts from when it is published
    std::optional<std::uint32_t> expiry_s;
    std::uint32_t delay_s = 0;
};

struct ConnectRequest {
    Version version = Version::v5;
    std::string client_id;
    bool clean_start = true;
    std::uint32_t session_expiry_s = 0;
    std::uint16_t receive_maximum = 0xffff;
    std::uint16_t keep_alive_s = 0;
    std::optional<std::string> user_name;
    std::optional<Bytes> password;
    std::optional<std::string> authentication_method;
    Bytes authentication_data;
    std::optional<Will> will;
    ClientAddress address;
};

ConnectRequest connect_request(const Connect& packet, ClientAddress address);

}  // namespace helio::bridge::mqtt
