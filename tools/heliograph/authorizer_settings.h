// The tables [authorizer.NAME] of the configuration.
#pragma once

#include "base/config.h"

#include <string>
#include <vector>

namespace helio::server {

struct AuthorizerSettings {
    enum class Type : std::uint8_t { jwt, http, javascript };

    std::string name;
    Type type = Type::jwt;
    std::string key_file;  // of a jwt: this, jwks_url, or the issuer's OpenID configuration
    std::string jwks_url;
    std::string issuer;
    std::string audience;
    std::string policy;  // the name of a stored policy, or a file
    std::string url;
    std::string file;
    std::string token_key;
    std::string signature_key_file;  // empty: tokens need no signature beside their own
    bool is_default = false;
};

// Throws std::runtime_error with one sentence where a table is not possible.
std::vector<AuthorizerSettings> authorizers_of(const Config& config);

}  // namespace helio::server
