// The folder with everything that lasts: the database, and the identity that is made on first start
// (the administrator's access key, the CA and the server's certificate).
#pragma once

#include "bridge/api/credentials.h"
#include "crypto/random.h"

#include <filesystem>
#include <string>
#include <vector>

namespace helio::server {

struct Identity {
    std::vector<bridge::api::NamedKey> keys;
    std::string ca_pem;            // certificate
    std::filesystem::path ca;      // ca.pem
    std::filesystem::path certificate;  // server.pem
    std::filesystem::path key;          // server.key
    bool made_now = false;
};

// Makes what is missing.  Throws std::runtime_error with one sentence where the folder cannot be
// written, or what is in it cannot be read.
Identity open_identity(const std::filesystem::path& data, const crypto::Random& random, Instant now);

// Copies the identity into a backup; the reason where that failed, else nothing.
std::string copy_identity(const std::filesystem::path& data, const std::filesystem::path& backup);

}  // namespace helio::server
