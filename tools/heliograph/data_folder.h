// The folder with everything that lasts: the database, the administrator's access key, the CA and the
// server's certificate.  What is missing is made on start.
#pragma once

#include "bridge/api/credentials.h"
#include "crypto/random.h"
#include "crypto/x509/server_identity.h"

#include <filesystem>
#include <string>
#include <vector>

namespace helio::server {

struct Identity {
    std::vector<bridge::api::NamedKey> keys;
    crypto::x509::ServerIdentity certificates;
};

// Says on standard output what it made and where.  Throws std::runtime_error with one sentence where
// the folder cannot be written, or what is in it cannot be read.
Identity open_identity(const std::filesystem::path& data, const crypto::Random& random, Instant now);

// Copies the identity into a backup; the reason where that failed, else nothing.
std::string copy_identity(const std::filesystem::path& data, const std::filesystem::path& backup);

}  // namespace helio::server
