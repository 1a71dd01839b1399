// The server's certificate while the server runs: looked at when its files change, on request, and
// once a day, when one that is about to end is renewed.
#pragma once

#include "base/io/loop.h"
#include "base/io/timer.h"
#include "base/log.h"
#include "crypto/random.h"
#include "crypto/x509/server_identity.h"

#include <array>
#include <filesystem>
#include <functional>

namespace helio::server {

class CertificateWatch {
  public:
    // Throws std::runtime_error where the certificate cannot be used; it is then as it was.
    using OnChange = std::function<void(const crypto::x509::ServerIdentity&)>;

    CertificateWatch(io::Loop& loop,
                     std::filesystem::path folder,
                     crypto::Random random,
                     log::Log& log,
                     OnChange on_change);

    // Reads the files now, changed or not.  What is wrong with them is logged.
    void reload();

  private:
    using Stamps = std::array<std::filesystem::file_time_type, 2>;
    Stamps stamps() const;
    void look();

    io::Loop& loop_;
    std::filesystem::path folder_;
    crypto::Random random_;
    log::Log& log_;
    OnChange on_change_;
    Stamps seen_;
    Instant read_at_;
    io::Timer timer_;
};

}  // namespace helio::server
