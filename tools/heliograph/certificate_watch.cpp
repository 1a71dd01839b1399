#include "tools/heliograph/certificate_watch.h"

#include <algorithm>
#include <exception>

namespace helio::server {
namespace {

constexpr std::chrono::seconds kPeriod{5};
constexpr std::chrono::hours kRenewalCheck{24};
constexpr const char* kFiles[] = {"server.pem", "server.key"};

}  // namespace

CertificateWatch::CertificateWatch(io::Loop& loop,
                                   std::filesystem::path folder,
                                   crypto::Random random,
                                   log::Log& log,
                                   OnChange on_change)
    : loop_(loop),
      folder_(std::move(folder)),
      random_(std::move(random)),
      log_(log),
      on_change_(std::move(on_change)),
      seen_(stamps()),
      read_at_(loop.now()),
      timer_(loop, [this] { look(); }) {
    timer_.start_every(kPeriod);
}

CertificateWatch::Stamps CertificateWatch::stamps() const {
    Stamps out{};
    for (std::size_t i = 0; i < out.size(); ++i) {
        std::error_code error;  // a file that is missing has the earliest time
        out[i] = std::filesystem::last_write_time(folder_ / kFiles[i], error);
    }
    return out;
}

void CertificateWatch::look() {
    const Stamps now = stamps();
    // Half of a pair is on its way.
    if (std::ranges::find(now, std::filesystem::file_time_type::min()) != now.end()) return;
    if (now != seen_ || loop_.now() - read_at_ >= kRenewalCheck) reload();
}

void CertificateWatch::reload() {
    read_at_ = loop_.now();
    seen_ = stamps();
    try {
        on_change_(crypto::x509::open_server_identity(
            folder_, crypto::x509::default_server_names(), loop_.now(), random_));
        seen_ = stamps();
        log_.info("new connections are shown the certificate as it is in the data folder now");
    } catch (const std::exception& error) {
        log_.error("the certificate was not taken, the one before stays in use",
                   {{"reason", error.what()}});
    }
}

}  // namespace helio::server
