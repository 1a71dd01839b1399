// What is known of the one who asks: plain values, filled in by whoever knows the connection and
// the registry.  An empty text means that it is not known.
#pragma once

#include "base/bytes.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace helio::bridge::policy {

using NamedValues = std::map<std::string, std::string>;

// What a token says of its bearer: a text, or a list of texts.
struct Claim {
    std::vector<std::string> items;
    bool list = false;

    friend bool operator==(const Claim&, const Claim&) = default;
};
// By the whole name of the variable ("jwt:sub").
using Claims = std::map<std::string, Claim>;

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
    Claims claims;
};

}  // namespace helio::bridge::policy
