#include "tools/helio-bench/tls_client.h"

#include "tools/helio-bench/mqtt_socket.h"

#include <openssl/ssl.h>

#include <array>
#include <stdexcept>
#include <unistd.h>
#include <utility>

namespace helio::bench {

TlsClient::TlsClient(std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl, int fd)
    : ssl_(std::move(ssl)), fd_(fd) {}

TlsClient::TlsClient(TlsClient&& other) noexcept
    : ssl_(std::move(other.ssl_)), fd_(std::exchange(other.fd_, -1)) {}

TlsClient& TlsClient::operator=(TlsClient&& other) noexcept {
    std::swap(ssl_, other.ssl_);
    std::swap(fd_, other.fd_);
    return *this;
}

TlsClient::~TlsClient() {
    if (fd_ >= 0) close(fd_);
}

bool TlsClient::resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

TlsClients::TlsClients(const TlsFiles& files, TlsVersion version)
    : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    const int number = version == TlsVersion::v1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
    SSL_CTX_set_min_proto_version(context_.get(), number);
    SSL_CTX_set_max_proto_version(context_.get(), number);
    SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
    if (SSL_CTX_load_verify_locations(context_.get(), files.ca.c_str(), nullptr) != 1 ||
        SSL_CTX_use_certificate_file(
            context_.get(), files.client_certificate.c_str(), SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_use_PrivateKey_file(context_.get(), files.client_key.c_str(), SSL_FILETYPE_PEM) !=
            1) {
        throw std::runtime_error("the files of the TLS client cannot be read");
    }
}

TlsClient TlsClients::connect(std::uint16_t port,
                              const std::string& client_id,
                              const TlsClient* before) const {
    const int fd = connect_loopback(port);
    TlsClient out({SSL_new(context_.get()), SSL_free}, fd);
    SSL* const ssl = out.ssl_.get();
    SSL_set_fd(ssl, fd);
    SSL_set_tlsext_host_name(ssl, "localhost");
    if (before != nullptr) {
        SSL_SESSION* const session = SSL_get1_session(before->ssl_.get());
        SSL_set_session(ssl, session);
        SSL_SESSION_free(session);
    }
    if (SSL_connect(ssl) != 1) throw std::runtime_error("the TLS handshake has failed");
    const MqttSocket::Buffer packet = connect_packet(client_id, Session::clean);
    SSL_write(ssl, packet.data(), static_cast<int>(packet.size()));
    std::array<unsigned char, 4> connack{};
    std::size_t have = 0;
    while (have < connack.size()) {
        const int size =
            SSL_read(ssl, connack.data() + have, static_cast<int>(connack.size() - have));
        if (size <= 0) throw std::runtime_error("the broker refuses a client over TLS");
        have += static_cast<std::size_t>(size);
    }
    if (connack[0] != 0x20 || connack[3] != 0) {
        throw std::runtime_error("the broker refuses a client over TLS");
    }
    return out;
}

}  // namespace helio::bench
