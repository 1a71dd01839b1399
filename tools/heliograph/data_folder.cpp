#include "tools/heliograph/data_folder.h"

#include <cstdio>
#include <stdexcept>

namespace helio::server {
namespace {

namespace fs = std::filesystem;

constexpr const char* kCredentials = "credentials";
constexpr const char* kIdentityFiles[] = {kCredentials, "ca.pem", "ca.key", "server.pem", "server.key"};

}  // namespace

Identity open_identity(const fs::path& data, const crypto::Random& random, Instant now) {
    std::error_code error;
    fs::create_directories(data, error);
    if (error) {
        throw std::runtime_error("the data folder " + data.string() + " cannot be made (" +
                                 error.message() + "): choose another with --data");
    }
    Identity out;
    const fs::path credentials = data / kCredentials;
    const bool new_key = !fs::exists(credentials);
    if (new_key) bridge::api::write_credentials(credentials, bridge::api::make_access_key(random));
    out.keys = bridge::api::load_credentials(credentials);
    out.certificates = crypto::x509::open_server_identity(
        data, crypto::x509::default_server_names(), now, random);
    if (new_key) {
        std::printf("made the administrator's access key: %s\n", fs::absolute(credentials).c_str());
    }
    if (out.certificates.made) {
        std::printf("made a certificate authority, clients trust it: %s\n",
                    fs::absolute(data / "ca.pem").c_str());
    }
    std::fflush(stdout);
    return out;
}

std::string copy_identity(const fs::path& data, const fs::path& backup) {
    for (const char* name : kIdentityFiles) {
        std::error_code error;
        // Permissions are copied along: keys stay their owner's.
        if (fs::exists(data / name, error)) fs::copy_file(data / name, backup / name, error);
        if (error) return std::string(name) + " could not be copied: " + error.message();
    }
    return {};
}

}  // namespace helio::server
