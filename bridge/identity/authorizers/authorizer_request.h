// What a custom authorizer is asked, and the event that AWS Lambda authorizers get of it.
//
//   {"token", "signatureVerified", "protocols": ["tls", "http", "mqtt"],
//    "protocolData": {"tls":  {"serverName", "x509CertificatePem", "principalId"},
//                     "http": {"headers": {}, "queryString": "?a=b"},
//                     "mqtt": {"username", "password" (base64), "clientId"}},
//    "connectionMetadata": {"id": UUID}}            what does not concern the connection is absent
#pragma once

#include "bridge/identity/credentials.h"

#include <optional>
#include <string>
#include <string_view>

namespace helio::bridge::identity::authorizers {

struct AuthorizerRequest {
    struct Tls {
        std::string server_name;
        Bytes certificate;  // DER; empty without
    };
    struct Http {
        net::HttpHeaders headers;
        std::string query;  // without '?'
    };
    struct Mqtt {
        std::optional<std::string> user_name;  // as sent, with its query
        std::optional<Bytes> password;
        std::string client_id;
    };

    std::string connection_id;
    std::optional<std::string> token;
    std::optional<std::string> signature;  // absent: as the client passes it
    bool signature_verified = false;
    std::optional<Tls> tls;
    std::optional<Http> http;
    std::optional<Mqtt> mqtt;
};

// Without a token, which has a name that only the authorizer knows.
AuthorizerRequest request_of(const Credentials& shown, std::string connection_id);

std::string event_json(const AuthorizerRequest& request);

// What a client passes by name: a header, a parameter of the query, or of the query of its MQTT
// user name ("user?name=value&name2=value2"), whichever comes first in this order.  Header names
// are compared without regard to case.
std::optional<std::string> passed_value(const Credentials& shown, std::string_view name);
std::optional<std::string> passed_value(const AuthorizerRequest& request, std::string_view name);

inline constexpr std::string_view kAuthorizerName = "x-amz-customauthorizer-name";
inline constexpr std::string_view kTokenSignature = "x-amz-customauthorizer-signature";

}  // namespace helio::bridge::identity::authorizers
