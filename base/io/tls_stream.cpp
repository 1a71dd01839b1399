#include "base/io/tls_stream.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <cstring>
#include <limits>

namespace helio::io {
namespace {

std::string last_error() {
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

// OpenSSL's view of the connection: reads take from input_, writes go to the TCP queue.
struct TlsStream::Bio {
    static TlsStream& stream(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

    static int read(BIO* bio, char* out, int size) {
        BIO_clear_retry_flags(bio);
        ByteView& input = stream(bio).input_;
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
        stream(bio).tcp_->write(std::string_view(data, static_cast<std::size_t>(size)));
        return size;
    }
    static long control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH; }

    static BIO* make(TlsStream& self) {
        static const BIO_METHOD* const kMethod = [] {
            BIO_METHOD* const method =
                BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "heliograph stream");
            BIO_meth_set_read(method, read);
            BIO_meth_set_write(method, write);
            BIO_meth_set_ctrl(method, control);
            return method;
        }();
        BIO* const bio = BIO_new(kMethod);
        BIO_set_data(bio, &self);
        BIO_set_init(bio, 1);
        return bio;
    }
};

TlsStream::TlsStream(Loop& loop,
                     std::unique_ptr<SocketStream> tcp,
                     const TlsContext& context,
                     const std::string& server_name,
                     Duration handshake_timeout,
                     OnHandshake on_handshake)
    : loop_(loop.impl()),
      tcp_(std::move(tcp)),
      context_(context.handle()),
      ssl_(SSL_new(context_.get()), SSL_free),
      on_handshake_(std::move(on_handshake)) {
    BIO* const bio = Bio::make(*this);
    SSL_set_bio(ssl_.get(), bio, bio);
    // The limit counts what is not encrypted yet, too, so it is kept here and not below.
    tcp_->set_write_limit(std::numeric_limits<std::size_t>::max());
    handshake_timer_.emplace(
        loop, [this] { report_handshake(Handshake::timed_out, "the handshake takes too long"); });
    handshake_timer_->start_after(handshake_timeout);
    if (context.is_server()) {
        SSL_set_accept_state(ssl_.get());
    } else {
        expect_server(ssl_.get(), server_name);
        SSL_set_connect_state(ssl_.get());
        SSL_do_handshake(ssl_.get());  // only queues the first message
    }
    tcp_->set_handler(*this);
}

TlsStream::~TlsStream() {
    if (destroyed_ != nullptr) *destroyed_ = true;
    loop_.forget(*this);
    if (phase_ == Phase::open) {
        encrypt_queued();
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
    }
}

void TlsStream::on_data(ByteView encrypted) {
    if (phase_ == Phase::closed) return;
    bool destroyed = false;
    destroyed_ = &destroyed;
    input_ = encrypted;
    if (phase_ == Phase::handshake) handshake();
    if (!destroyed && phase_ == Phase::open) read_plain();
    if (destroyed) return;
    destroyed_ = nullptr;
    input_ = {};
}

void TlsStream::handshake() {
    ERR_clear_error();  // SSL_get_error looks at the thread's queue, whoever filled it
    const int status = SSL_do_handshake(ssl_.get());
    if (status == 1) {
        fill_info();
        phase_ = Phase::open;
        if (!out_.empty()) loop_.flush_later(*this);
        return report_handshake(Handshake::done, "");
    }
    if (SSL_get_error(ssl_.get(), status) == SSL_ERROR_WANT_READ) return;
    report_handshake(Handshake::failed, last_error());
}

void TlsStream::report_handshake(Handshake result, std::string_view detail) {
    // The call below may destroy this, and with it the timer whose call this may be.
    const OnHandshake call = std::move(on_handshake_);
    on_handshake_ = nullptr;
    if (result == Handshake::done) {
        handshake_timer_.reset();
    } else {
        handshake_timer_->stop();
        phase_ = Phase::closed;
        tcp_->shutdown();  // with the alert that OpenSSL has queued
    }
    if (call) {
        call(*this, result, detail);
    } else if (result != Handshake::done && handler_ != nullptr) {
        handler_->on_close(CloseReason::tls_failed, detail);
    }
}

void TlsStream::read_plain() {
    bool* const destroyed = destroyed_;
    while (phase_ == Phase::open) {
        if (handler_ == nullptr) {
            early_.assign(input_.begin(), input_.end());
            tcp_->pause();
            return;
        }
        ERR_clear_error();
        std::uint8_t* const plain = loop_.plain_buffer.get();
        const int size = SSL_read(ssl_.get(), plain, static_cast<int>(Loop::Impl::kReadBufferSize));
        if (size > 0) {
            if (!shutting_down_) handler_->on_data({plain, static_cast<std::size_t>(size)});
            if (*destroyed) return;
            continue;
        }
        switch (SSL_get_error(ssl_.get(), size)) {
            case SSL_ERROR_WANT_READ:
                return;
            case SSL_ERROR_ZERO_RETURN:
                return end(CloseReason::peer_closed, "");
            default:
                return end(CloseReason::tls_failed, last_error());
        }
    }
}

void TlsStream::fill_info() {
    info_ = std::make_unique<TlsInfo>();
    if (const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name)) {
        info_->server_name = name;
    }
    const unsigned char* protocol = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
    if (protocol != nullptr) info_->alpn.assign(protocol, protocol + size);
    info_->version = SSL_get_version(ssl_.get());
    info_->cipher = SSL_get_cipher_name(ssl_.get());
    if (X509* const certificate = SSL_get0_peer_certificate(ssl_.get())) {
        info_->peer_certificate.resize(static_cast<std::size_t>(i2d_X509(certificate, nullptr)));
        unsigned char* at = info_->peer_certificate.data();
        i2d_X509(certificate, &at);
    }
}

void TlsStream::set_handler(StreamHandler& handler) {
    handler_ = &handler;
    if (!early_.empty()) loop_.flush_later(*this);
    if (phase_ == Phase::open) tcp_->resume();
}

void TlsStream::write(ByteView bytes) {
    if (phase_ == Phase::closed || shutting_down_ || bytes.empty()) return;
    if (queued() + bytes.size() > write_limit_) {
        return tcp_->fail(CloseReason::write_limit, "the peer reads slower than we write");
    }
    if (out_.capacity() == 0) out_ = loop_.take_buffer();
    out_.insert(out_.end(), bytes.begin(), bytes.end());
    loop_.flush_later(*this);
}

void TlsStream::flush() {
    if (handler_ != nullptr && !early_.empty()) {
        const Bytes early = std::move(early_);
        early_ = {};
        bool destroyed = false;
        destroyed_ = &destroyed;
        input_ = early;
        read_plain();
        if (destroyed) return;
        destroyed_ = nullptr;
        input_ = {};
    }
    if (phase_ != Phase::open) return;
    encrypt_queued();
    if (shutting_down_) {
        SSL_shutdown(ssl_.get());
        ERR_clear_error();
        tcp_->shutdown();
    }
}

// A turn's writes become as few records as can be.
void TlsStream::encrypt_queued() {
    if (out_.empty()) return;
    ERR_clear_error();
    std::size_t written = 0;
    SSL_write_ex(ssl_.get(), out_.data(), out_.size(), &written);
    ERR_clear_error();
    loop_.give_back(std::move(out_));
    out_ = {};
}

void TlsStream::shutdown() {
    if (phase_ == Phase::closed || shutting_down_) return;
    shutting_down_ = true;
    if (phase_ == Phase::handshake) {
        tcp_->shutdown();
    } else {
        loop_.flush_later(*this);
    }
}

void TlsStream::end(CloseReason reason, std::string_view detail) {
    phase_ = Phase::closed;
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
    tcp_->shutdown();
    if (handler_ != nullptr)
        handler_->on_close(shutting_down_ ? CloseReason::shut_down : reason, detail);
}

void TlsStream::on_drain() {
    if (handler_ != nullptr && phase_ == Phase::open) handler_->on_drain();
}

void TlsStream::on_close(CloseReason reason, std::string_view detail) {
    if (phase_ == Phase::closed) return;
    if (phase_ == Phase::handshake && on_handshake_) {
        return report_handshake(Handshake::failed, detail.empty() ? "the peer closed" : detail);
    }
    phase_ = Phase::closed;
    if (handler_ != nullptr) handler_->on_close(reason, detail);
}

std::size_t TlsStream::queued() const { return out_.size() + tcp_->queued(); }
void TlsStream::set_write_limit(std::size_t bytes) { write_limit_ = bytes; }
void TlsStream::pause() { tcp_->pause(); }
void TlsStream::resume() { tcp_->resume(); }

}  // namespace helio::io
