// The certificates in the data folder: made on first start, renewed when they are about to end.
//
//   ca.pem  ca.key  server.pem  server.key      keys have mode 0600
//
// Who brings certificates of an own authority puts server.pem and server.key there: they are left
// alone, because ca.pem has not issued them.
#pragma once

#include "base/time.h"
#include "crypto/random.h"

#include <filesystem>
#include <string>
#include <vector>

namespace helio::crypto::x509 {

struct ServerIdentity {
    std::string authority_pem;    // what clients trust
    std::string authority_key_pem;
    std::string certificate_pem;  // the server's, its chain behind it
    std::string key_pem;
    bool made = false;  // the authority is new: tell the owner where it is
};

// localhost, the name of this machine and the loopback addresses.
std::vector<std::string> default_server_names();

// Makes what is missing, and issues a new server certificate where the old one ends within two
// months or lacks one of `names`.  Throws std::runtime_error with one sentence that names the file.
ServerIdentity open_server_identity(const std::filesystem::path& folder,
                                    const std::vector<std::string>& names,
                                    Instant now,
                                    const Random& random);

}  // namespace helio::crypto::x509
