#include "bridge/identity/credentials.h"

namespace helio::bridge::identity {

std::string Credentials::ip() const {
    std::string host = address.substr(0, address.rfind(':'));
    if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
    return host;
}

Credentials credentials_of(const mqtt::ConnectRequest& request) {
    return {.way = request.address.upgrade ? Way::websocket : Way::mqtt,
            .address = request.address.text,
            .loopback = request.address.loopback,
            .tls = request.address.tls,
            .server_name = request.address.server_name,
            .alpn = request.address.alpn,
            .certificate = request.address.certificate,
            .http = request.address.upgrade,
            .client_id = request.client_id,
            .user_name = request.user_name,
            .password = request.password,
            .persistent = request.session_expiry_s > 0,
            .has_will = request.will.has_value()};
}

}  // namespace helio::bridge::identity
