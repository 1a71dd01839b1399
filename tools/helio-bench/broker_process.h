// An MQTT broker under measurement: heliograph, or another one to compare with, on a processor of
// its own where there are two.
#pragma once

#include "tools/helio-bench/server_process.h"

#include <memory>

namespace helio::bench {

// Of mutual TLS, PEM: what the server shows, and what its clients show.
struct TlsFiles {
    std::filesystem::path ca, server_certificate, server_key, client_certificate, client_key;
};

class BrokerProcess {
  public:
    static std::unique_ptr<BrokerProcess> heliograph(const std::filesystem::path& program);
    // Its port is that for TLS, and a client certificate with a policy is registered (by the
    // helioctl beside the program).
    static std::unique_ptr<BrokerProcess> heliograph_with_tls(const std::filesystem::path& program);
    // Nothing stored, nothing bounded, anonymous; with `tls` only those with a client certificate.
    static std::unique_ptr<BrokerProcess> mosquitto(const std::filesystem::path& program,
                                                    const TlsFiles* tls = nullptr);

    ~BrokerProcess();
    BrokerProcess(const BrokerProcess&) = delete;
    BrokerProcess& operator=(const BrokerProcess&) = delete;

    std::uint16_t port() const { return port_; }
    // Of heliograph_with_tls; they are there as long as it runs.
    TlsFiles tls_files() const;
    double cpu_seconds() const;  // all threads, exact to the scheduler
    std::uint64_t resident_bytes() const;

  private:
    BrokerProcess() = default;
    void pin() const;

    std::filesystem::path folder_;
    std::unique_ptr<ServerProcess> server_;
    int pid_ = -1;
    std::uint16_t port_ = 0;
};

// The calling thread on the last processor, the brokers on the first.
void pin_generator();

}  // namespace helio::bench
