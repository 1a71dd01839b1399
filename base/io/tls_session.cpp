#include "base/io/tls_session.h"

#include "base/io/peer.h"
#include "base/io/socket_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>

namespace helio::io {
namespace {

std::string take_error() {
    const unsigned long code = ERR_peek_last_error();
    const char* const reason = ERR_reason_error_string(code);
    ERR_clear_error();
    return reason != nullptr ? reason : "the handshake was broken off";
}

void expect_server(SSL* ssl, const std::string& name) {
    if (Peer::from_text(name + ":0") || Peer::from_text('[' + name + "]:0")) {
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), name.c_str());
    } else {
        SSL_set1_host(ssl, name.c_str());
        SSL_set_tlsext_host_name(ssl, name.c_str());
    }
}

}  // namespace

struct TlsSession::Bio {
    static Wire& wire(BIO* bio) { return *static_cast<Wire*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* out, int size) {
        BIO_clear_retry_flags(bio);
        ByteView& input = wire(bio).input;
        if (input.empty()) {
            BIO_set_retry_read(bio);
            return -1;
        }
        const std::size_t count = std::min<std::size_t>(input.size(), static_cast<unsigned>(size));
        std::memcpy(out, input.data(), count);
        input = input.subspan(count);
        return static_cast<int>(count);
    }
    static int write(BIO* bio, const char* data, int size) {
        BIO_clear_retry_flags(bio);
        const ByteView bytes = bytes_of({data, static_cast<std::size_t>(size)});
        const Wire& to = wire(bio);
        if (to.tcp != nullptr) {
            to.tcp->write(bytes);
        } else {
            to.output->insert(to.output->end(), bytes.begin(), bytes.end());
        }
        return size;
    }
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH; }

    static BIO* make(Wire& wire) {
        static const BIO_METHOD* const kMethod = [] {
            BIO_METHOD* const method =
                BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "heliograph stream");
            BIO_meth_set_read(method, read);
            BIO_meth_set_write(method, write);
            BIO_meth_set_ctrl(method, control);
            return method;
        }();
        BIO* const bio = BIO_new(kMethod);
        BIO_set_data(bio, &wire);
        BIO_set_init(bio, 1);
        return bio;
    }
};

TlsSession::TlsSession(const TlsContext& context, std::string server_name)
    : context_(context.handle()),
      ssl_(nullptr, SSL_free),
      server_name_(std::move(server_name)),
      is_server_(context.is_server()) {}

TlsSession::~TlsSession() {
    // A session whose client was cut off without a word can be resumed, too; one with an error
    // cannot.
    if (ssl_ && SSL_is_init_finished(ssl_.get()) == 1 && error_.empty()) {
        SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    }
}

void TlsSession::start() {
    ssl_.reset(SSL_new(context_.get()));
    BIO* const bio = Bio::make(wire_);
    SSL_set_bio(ssl_.get(), bio, bio);
    if (is_server_) {
        SSL_set_accept_state(ssl_.get());
    } else {
        expect_server(ssl_.get(), server_name_);
        SSL_set_connect_state(ssl_.get());
    }
}

TlsSession::Step TlsSession::handshake(ByteView& input, Bytes& output) {
    ERR_clear_error();  // SSL_get_error looks at the thread's queue, whoever filled it
    if (!ssl_) start();
    wire_ = {.input = input, .output = &output};
    const int status = SSL_do_handshake(ssl_.get());
    input = wire_.input;
    wire_ = {};
    if (status == 1) return Step::done;
    if (SSL_get_error(ssl_.get(), status) == SSL_ERROR_WANT_READ) return Step::wants_more;
    error_ = take_error();
    return Step::failed;
}

std::unique_ptr<TlsInfo> TlsSession::info() const {
    auto out = std::make_unique<TlsInfo>();
    if (const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)) {
        out->server_name = name;
    }
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
    if (protocol != nullptr) out->alpn.assign(protocol, protocol + size);
    out->version = SSL_get_version(ssl_.get());
    out->cipher = SSL_get_cipher_name(ssl_.get());
    out->resumed = SSL_session_reused(ssl_.get()) == 1;
    if (X509* const certificate = SSL_get0_peer_certificate(ssl_.get())) {
        out->peer_certificate.resize(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
        unsigned char* at = out->peer_certificate.data();
        i2d_X509(certificate, &at);
    }
    return out;
}

TlsSession::Read TlsSession::read(ByteView& input,
                                  std::uint8_t* plain,
                                  std::size_t capacity,
                                  std::size_t& size,
                                  SocketStream& tcp) {
    ERR_clear_error();
    wire_ = {.input = input, .tcp = &tcp};
    const int status = SSL_read_ex(ssl_.get(), plain, capacity, &size);
    input = wire_.input;
    wire_ = {};
    if (status == 1) return Read::data;
    switch (SSL_get_error(ssl_.get(), status)) {
        case SSL_ERROR_WANT_READ:
            return Read::wants_more;
        case SSL_ERROR_ZERO_RETURN:
            return Read::closed;
        default:
            error_ = take_error();
            return Read::failed;
    }
}

void TlsSession::write(ByteView plain, SocketStream& tcp) {
    ERR_clear_error();
    wire_ = {.tcp = &tcp};
    std::size_t written = 0;
    SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written);
    wire_ = {};
    ERR_clear_error();
}

void TlsSession::close(SocketStream& tcp) {
    wire_ = {.tcp = &tcp};
    SSL_shutdown(ssl_.get());
    wire_ = {};
    ERR_clear_error();
}

}  // namespace helio::io
