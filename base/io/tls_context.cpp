#include "base/io/tls_context.h"

#include "base/io/tls_library.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace helio::io {
namespace {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* p) const {
        Free(p);
    }
};
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

[[noreturn]] void refuse(const std::string& what) {
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    throw std::runtime_error(what + (reason != nullptr ? std::string(": ") + reason : ""));
}

Bio reader(const std::string& pem) {
    return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

void use_certificate(SSL_CTX* context, const std::string& chain_pem, const std::string& key_pem) {
    const Bio chain = reader(chain_pem);
    const Certificate leaf(PEM_read_bio_X509_AUX(chain.get(), nullptr, nullptr, nullptr));
    if (!leaf) refuse("the TLS certificate is no PEM certificate");
    if (SSL_CTX_use_certificate(context, leaf.get()) != 1) {
        refuse("the TLS certificate cannot be used");
    }
    while (X509* const next = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
        SSL_CTX_add0_chain_cert(context, next);
    }
    ERR_clear_error();  // reading ends with an error by design
    const Key key(PEM_read_bio_PrivateKey(reader(key_pem).get(), nullptr, nullptr, nullptr));
    if (!key) refuse("the TLS key is no PEM key without a pass phrase");
    if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        refuse("the TLS key does not belong to the certificate");
    }
}

void trust(SSL_CTX* context, const std::string& ca_pem) {
    if (ca_pem.empty()) {
        SSL_CTX_set_default_verify_paths(context);
        return;
    }
    const Bio bio = reader(ca_pem);
    X509_STORE* const store = SSL_CTX_get_cert_store(context);
    int count = 0;
    for (;; ++count) {
        const Certificate ca(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
        if (!ca) break;
        X509_STORE_add_cert(store, ca.get());
    }
    if (count == 0) refuse("the CA file holds no PEM certificate");
    ERR_clear_error();
}

// The wire form of a list of protocols: each with its length before it.
std::vector<unsigned char> alpn_wire(const std::vector<std::string>& protocols) {
    std::vector<unsigned char> wire;
    for (const std::string& protocol : protocols) {
        wire.push_back(static_cast<unsigned char>(protocol.size()));
        wire.insert(wire.end(), protocol.begin(), protocol.end());
    }
    return wire;
}

// Beyond, the oldest is forgotten.  Of a client that is connected a session costs little; of one
// that has gone about 6 KB, most of it the certificate.
constexpr long kMaxSessions = 8192;
constexpr long kSessionSeconds = 12 * 3600;

// Leaf and two authorities, with room.
constexpr long kMaxClientChain = 16 * 1024;

struct ServerExtras {
    std::vector<unsigned char> alpn;
    std::vector<std::string> without_certificate;
};

int select_alpn(SSL* ssl,
                const unsigned char** out,
                unsigned char* out_size,
                const unsigned char* offered,
                unsigned offered_size,
                void* arg) {
    const auto& extras = *static_cast<const ServerExtras*>(arg);
    const std::vector<unsigned char>& ours = extras.alpn;
    unsigned char* chosen = nullptr;
    const int status = SSL_select_next_proto(
        &chosen, out_size, ours.data(), static_cast<unsigned>(ours.size()), offered, offered_size);
    if (status != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    const std::string_view name(reinterpret_cast<const char*>(chosen), *out_size);
    if (std::ranges::find(extras.without_certificate, name) != extras.without_certificate.end()) {
        SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);
    }
    return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<SSL_CTX> new_context(const SSL_METHOD* method,
                                     OSSL_LIB_CTX* library = nullptr,
                                     std::shared_ptr<ServerExtras> extras = nullptr) {
    SSL_CTX* const context = SSL_CTX_new_ex(library, nullptr, method);
    if (context == nullptr) refuse("OpenSSL gives no TLS context");
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(
        context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE);
    // Tens of thousands of idle connections: their record buffers are given back between records.
    // The chain is what the file says: it is not looked for again in each handshake.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN);
    // The extras live as long as the context that points to them.
    return {context, [extras](SSL_CTX* p) { SSL_CTX_free(p); }};
}

}  // namespace

TlsContext TlsContext::server(const TlsServerConfig& config) {
    auto extras = std::make_shared<ServerExtras>(
        ServerExtras{alpn_wire(config.alpn), config.alpn_without_certificate});
    auto context = new_context(TLS_server_method(), tls_library(), extras);
    use_certificate(context.get(), config.certificate_pem, config.key_pem);
    if (!extras->alpn.empty()) {
        SSL_CTX_set_alpn_select_cb(context.get(), select_alpn, extras.get());
    }
    if (config.client_certificate == ClientCertificate::requested) {
        SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
        // The proof of its key is OpenSSL's; the rest is judged by who knows the devices.
        SSL_CTX_set_cert_verify_callback(
            context.get(), [](X509_STORE_CTX*, void*) { return 1; }, nullptr);
        SSL_CTX_set_max_cert_list(context.get(), kMaxClientChain);
    }
    constexpr std::string_view kSessions = "heliograph";
    SSL_CTX_set_session_id_context(context.get(),
                                   reinterpret_cast<const unsigned char*>(kSessions.data()),
                                   static_cast<unsigned>(kSessions.size()));
    // Sessions are kept here and not in tickets: OpenSSL 3.0 reads the certificate out of a ticket
    // twice, which costs more than the rest of a resumption.  Their certificate is judged anew each
    // time.
    SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context.get(), 1);
    SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(context.get(), kMaxSessions);
    SSL_CTX_set_timeout(context.get(), kSessionSeconds);
    return {std::move(context), true};
}

TlsContext TlsContext::client(const TlsClientConfig& config) {
    auto context = new_context(TLS_client_method());
    trust(context.get(), config.ca_pem);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    if (!config.certificate_pem.empty()) {
        use_certificate(context.get(), config.certificate_pem, config.key_pem);
    }
    if (const auto wire = alpn_wire(config.alpn); !wire.empty()) {
        SSL_CTX_set_alpn_protos(context.get(), wire.data(), static_cast<unsigned>(wire.size()));
    }
    return {std::move(context), false};
}

}  // namespace helio::io
