// What the TLS connections of a listener, or of a client, have in common: certificate, key,
// protocols.
//
// TLS 1.2 and 1.3.  A connection that exists keeps the context with which it began, so that
// reload() disturbs nobody.
#pragma once

#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;
struct ssl_st;

namespace helio::io {

enum class ClientCertificate : std::uint8_t {
    ignored,
    // Asked for; a client without one is served, too.  The handshake proves that the client holds
    // the key; whether the certificate is welcome is decided by who reads
    // TlsInfo::peer_certificate, because devices may bring certificates of any authority.
    requested,
};

struct TlsServerConfig {
    std::string certificate_pem;  // the leaf first, then its chain
    std::string key_pem;
    ClientCertificate client_certificate = ClientCertificate::ignored;
    // In order of preference; a client without a common one is served.
    std::vector<std::string> alpn;
    // Of them: who agrees on one of these is not asked for a certificate (browsers, which would ask
    // their user).
    std::vector<std::string> alpn_without_certificate;
};

struct TlsClientConfig {
    std::string ca_pem;           // empty: the authorities of the system
    std::string certificate_pem;  // of the client; empty without
    std::string key_pem;
    std::vector<std::string> alpn;
};

class TlsContext {
  public:
    // Throw std::runtime_error with one sentence where a certificate or key cannot be used.
    static TlsContext server(const TlsServerConfig& config);
    static TlsContext client(const TlsClientConfig& config);

    // For connections from now on; where it throws, all stays as it was.  Sessions are forgotten.
    void reload(const TlsServerConfig& config) { *this = server(config); }

    bool is_server() const { return is_server_; }
    std::shared_ptr<ssl_ctx_st> handle() const { return context_; }

  private:
    TlsContext(std::shared_ptr<ssl_ctx_st> context, bool is_server)
        : context_(std::move(context)), is_server_(is_server) {}

    std::shared_ptr<ssl_ctx_st> context_;
    bool is_server_;
};

}  // namespace helio::io
