#include "base/io/tls.h"
#include "tests/base/io/stream_fixture.h"
#include "tests/base/io/test_certificate.h"
#include "tests/support/catch.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <atomic>
#include <thread>

using namespace helio;
using namespace helio::io;

namespace {

template <auto Free>
struct Deleter {
    template <class T>
    void operator()(T* p) const {
        Free(p);
    }
};

// A client that keeps the session of its last connection.  It blocks, so it has a thread.
class ResumingClient {
  public:
    ResumingClient(const Peer& at, const TestCertificate& own, int version)
        : at_(at.text()), context_(SSL_CTX_new(TLS_client_method())) {
        const auto reader = [](const std::string& pem) {
            return std::unique_ptr<BIO, Deleter<BIO_free>>(
                BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
        };
        const std::unique_ptr<X509, Deleter<X509_free>> certificate(
            PEM_read_bio_X509(reader(own.certificate_pem).get(), nullptr, nullptr, nullptr));
        const std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>> key(
            PEM_read_bio_PrivateKey(reader(own.key_pem).get(), nullptr, nullptr, nullptr));
        SSL_CTX_use_certificate(context_.get(), certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), key.get());
        SSL_CTX_set_max_proto_version(context_.get(), version);
    }
    ~ResumingClient() { finish(); }

    // Says hello and waits for a word.
    void connect() {
        finish();
        done = false;
        thread_ = std::thread([this] { run(); });
    }
    std::atomic<bool> done = false;
    bool vanishes = false;  // ends without a word of TLS

  private:
    void finish() {
        if (thread_.joinable()) thread_.join();
    }
    void run() {
        const std::unique_ptr<BIO, Deleter<BIO_free_all>> bio(BIO_new_ssl_connect(context_.get()));
        BIO_set_conn_hostname(bio.get(), at_.c_str());
        SSL* ssl = nullptr;
        BIO_get_ssl(bio.get(), &ssl);
        if (session_) SSL_set_session(ssl, session_.get());
        char word[8];
        if (BIO_write(bio.get(), "hello", 5) == 5 && BIO_read(bio.get(), word, sizeof word) > 0) {
            session_.reset(SSL_get1_session(ssl));
        }
        if (vanishes) SSL_set_quiet_shutdown(ssl, 1);
        SSL_shutdown(ssl);
        done = true;
    }

    std::string at_;
    std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>> context_;
    std::unique_ptr<SSL_SESSION, Deleter<SSL_SESSION_free>> session_;
    std::thread thread_;
};

}  // namespace

TEST_CASE("a session is resumed with the certificate of its client, until a reload", "[io][tls]") {
    const int version = GENERATE(TLS1_2_VERSION, TLS1_3_VERSION);
    CAPTURE(version);
    const TestCertificate own = make_test_certificate("server.test");
    const TestCertificate renewed = make_test_certificate("server.test");
    const auto config = [](const TestCertificate& shown) {
        return TlsServerConfig{.certificate_pem = shown.certificate_pem,
                               .key_pem = shown.key_pem,
                               .client_certificate = ClientCertificate::requested};
    };
    Loop loop;
    TlsContext context = TlsContext::server(config(own));
    End end;
    TlsListener listener(loop, Peer::loopback(0), "test.tls", context, [&](auto stream) {
        end.take(std::move(stream));
    });
    ResumingClient client(listener.local(), make_test_certificate("device-7"), version);
    client.vanishes = GENERATE(false, true);
    CAPTURE(client.vanishes);
    Bytes certificate;
    for (const bool resumed : {false, true, true, false, true}) {
        if (!resumed) context.reload(config(renewed));
        CAPTURE(resumed);
        end.heard.clear();
        client.connect();
        REQUIRE(loop.run_until([&] { return end.heard == "hello"; }));
        CHECK(end.stream->tls()->resumed == resumed);
        if (!resumed) certificate = end.stream->tls()->peer_certificate;
        REQUIRE_FALSE(certificate.empty());
        CHECK(end.stream->tls()->peer_certificate == certificate);
        end.stream->write("word");
        REQUIRE(loop.run_until([&] { return client.done.load() && end.closed; }));
        end.closed.reset();
        end.stream.reset();
    }
}
