// MQTT clients over mutual TLS, one call a connection: who connects, and what it costs the broker.
#pragma once

#include "tools/helio-bench/broker_process.h"

#include <memory>
#include <string>

struct ssl_st;
struct ssl_ctx_st;

namespace helio::bench {

enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

// A connection whose CONNACK has come.
class TlsClient {
  public:
    TlsClient(std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl, int fd);
    TlsClient(TlsClient&& other) noexcept;
    TlsClient& operator=(TlsClient&& other) noexcept;
    ~TlsClient();

    bool resumed() const;

  private:
    friend class TlsClients;
    std::unique_ptr<ssl_st, void (*)(ssl_st*)> ssl_;
    int fd_;
};

class TlsClients {
  public:
    TlsClients(const TlsFiles& files, TlsVersion version);

    // Offers the session of `before`.  Throws std::runtime_error where the broker does not let it
    // in.
    TlsClient connect(std::uint16_t port,
                      const std::string& client_id,
                      const TlsClient* before = nullptr) const;

  private:
    std::unique_ptr<ssl_ctx_st, void (*)(ssl_ctx_st*)> context_;
};

}  // namespace helio::bench
