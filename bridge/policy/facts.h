// What is known of the one who asks: plain values, filled in by whoever knows the connection and
// the registry.  An empty text means that it is not known.
#pragma once

#include "base/bytes.h"

#include <map>
#include <optional>
#include <string>

namespace helio::bridge::policy {

using NamedValues = std::map<std::string, std::string>;

// The thing of a connection: the certificate is attached to it, and the client id is its name or it
// is attached exclusively.
struct ThingFacts {
    std::string name;
    std::string type;           // empty without
    std::string billing_group;  // empty without
    NamedValues attributes;
};

struct Facts {
    std::string client_id;    // empty for HTTP requests
    std::string source_ip;    // without the port
    std::string domain_name;  // that the client has asked for: SNI or Host
    std::string certificate_id;
    Bytes certificate;       // DER; empty without one
    bool connection = true;  // MQTT or MQTT over WebSocket; false for HTTP requests
    bool secure = false;     // TLS
    bool persistent = false;
    bool last_will = false;
    std::optional<ThingFacts> thing;
    NamedValues claims;  // of a token, by the whole name of the variable ("jwt:sub")
};

}  // namespace helio::bridge::policy
