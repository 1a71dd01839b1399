#include "bridge/identity/authorizers/authorizer_request.h"

#include "base/base64.h"
#include "base/net/uri.h"
#include "crypto/x509/certificate.h"

#include <boost/json.hpp>

namespace helio::bridge::identity::authorizers {
namespace {

namespace json = boost::json;

std::string to_pem(ByteView der) {
    constexpr std::size_t kLine = 64;
    const std::string digits = to_base64(der);
    std::string pem = "-----BEGIN CERTIFICATE-----\n";
    for (std::size_t at = 0; at < digits.size(); at += kLine) {
        pem += digits.substr(at, kLine) + '\n';
    }
    return pem + "-----END CERTIFICATE-----\n";
}

// A '+' is itself here: signatures in base64 are sent as they are by many.
std::optional<std::string> parameter(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        const std::string_view part = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), part.size() + 1));
        const std::size_t equals = std::min(part.find('='), part.size());
        if (net::percent_decode(part.substr(0, equals)) != name) continue;
        return net::percent_decode(part.substr(std::min(part.size(), equals + 1)));
    }
    return std::nullopt;
}

std::string_view query_of(const std::optional<std::string>& user_name) {
    if (!user_name) return {};
    const std::size_t mark = user_name->find('?');
    if (mark == std::string::npos) return {};
    return std::string_view(*user_name).substr(mark + 1);
}

std::optional<std::string> passed(const net::HttpHeaders* headers,
                                  std::string_view query,
                                  const std::optional<std::string>& user_name,
                                  std::string_view name) {
    if (headers != nullptr) {
        if (const auto value = net::find_header(*headers, name)) return std::string(*value);
    }
    if (auto value = parameter(query, name)) return value;
    return parameter(query_of(user_name), name);
}

}  // namespace

std::optional<std::string> passed_value(const Credentials& shown, std::string_view name) {
    return passed(shown.http ? &shown.http->headers : nullptr,
                  shown.http ? shown.http->query() : std::string_view(),
                  shown.user_name,
                  name);
}

std::optional<std::string> passed_value(const AuthorizerRequest& request, std::string_view name) {
    return passed(request.http ? &request.http->headers : nullptr,
                  request.http ? std::string_view(request.http->query) : std::string_view(),
                  request.mqtt ? request.mqtt->user_name : std::nullopt,
                  name);
}

AuthorizerRequest request_of(const Credentials& shown, std::string connection_id) {
    AuthorizerRequest out{.connection_id = std::move(connection_id)};
    if (shown.tls) {
        out.tls = AuthorizerRequest::Tls{.server_name = shown.server_name,
                                         .certificate = shown.certificate};
    }
    if (shown.http) {
        out.http = AuthorizerRequest::Http{.headers = shown.http->headers,
                                           .query = std::string(shown.http->query())};
    }
    if (shown.way != Way::http) {
        out.mqtt = AuthorizerRequest::Mqtt{
            .user_name = shown.user_name, .password = shown.password, .client_id = shown.client_id};
    }
    return out;
}

std::string event_json(const AuthorizerRequest& request) {
    json::object event;
    json::array protocols;
    json::object data;
    if (request.token) event["token"] = *request.token;
    event["signatureVerified"] = request.signature_verified;
    if (request.tls) {
        protocols.emplace_back("tls");
        json::object tls;
        if (!request.tls->server_name.empty()) tls["serverName"] = request.tls->server_name;
        if (!request.tls->certificate.empty()) {
            tls["x509CertificatePem"] = to_pem(request.tls->certificate);
            tls["principalId"] = crypto::x509::fingerprint(request.tls->certificate);
        }
        data["tls"] = std::move(tls);
    }
    if (request.http) {
        protocols.emplace_back("http");
        json::object headers;
        for (const auto& [name, value] : request.http->headers) headers[name] = value;
        data["http"] = {
            {"headers", std::move(headers)},
            {"queryString", request.http->query.empty() ? "" : "?" + request.http->query}};
    }
    if (request.mqtt) {
        protocols.emplace_back("mqtt");
        json::object mqtt;
        if (request.mqtt->user_name) mqtt["username"] = *request.mqtt->user_name;
        if (request.mqtt->password) mqtt["password"] = to_base64(*request.mqtt->password);
        if (!request.mqtt->client_id.empty()) mqtt["clientId"] = request.mqtt->client_id;
        data["mqtt"] = std::move(mqtt);
    }
    event["protocols"] = std::move(protocols);
    event["protocolData"] = std::move(data);
    event["connectionMetadata"] = {{"id", request.connection_id}};
    return json::serialize(event);
}

}  // namespace helio::bridge::identity::authorizers
