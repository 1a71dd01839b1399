// Where the server is and with which key to call it: options, then the environment, then defaults.
#pragma once

#include "bridge/api/credentials.h"

#include <functional>
#include <stdexcept>
#include <string>

namespace helio::ctl {

// One sentence for the person at the terminal, with what to do.
class CtlError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

struct Settings {
    std::string endpoint;     // empty: $HELIO_ENDPOINT, then http://127.0.0.1:8080
    std::string credentials;  // a file; empty: see find_key
    std::string ca_file;      // empty: see find_ca_file
    bool json = false;
};

using Environment = std::function<const char*(const char* name)>;  // std::getenv's shape

std::string find_endpoint(const Settings& settings, const Environment& environment);

struct FoundKey {
    bridge::api::AccessKey key;
    std::string source;  // for error messages: "the file data/credentials"
    std::string file{};  // empty: from the environment
};
// --credentials, $HELIO_CREDENTIALS, ./data/credentials, AWS_ACCESS_KEY_ID and
// AWS_SECRET_ACCESS_KEY, then the profile $AWS_PROFILE of ~/.aws/credentials.  Throws CtlError.
FoundKey find_key(const Settings& settings, const Environment& environment);

// --ca-file, then the ca.pem beside the credentials file, as a data folder has it; empty: the
// system's certificates.
std::string find_ca_file(const Settings& settings, const FoundKey& key);

}  // namespace helio::ctl
