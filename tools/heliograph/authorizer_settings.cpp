#include "tools/heliograph/authorizer_settings.h"

#include <algorithm>
#include <stdexcept>

namespace helio::server {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& sentence) {
    throw std::runtime_error("[authorizer." + name + "]: " + sentence);
}

AuthorizerSettings::Type type_of(const std::string& name, const std::string& text) {
    using enum AuthorizerSettings::Type;
    if (text == "jwt") return jwt;
    if (text == "http") return http;
    if (text == "javascript") return javascript;
    refuse(name, "type is \"" + text + "\": it must be jwt, http or javascript");
}

bool is_address(std::string_view text) {
    return text.starts_with("https://") || text.starts_with("http://");
}

void check(const AuthorizerSettings& one) {
    switch (one.type) {
        case AuthorizerSettings::Type::jwt:
            if (one.key_file.empty() && one.jwks_url.empty() && !is_address(one.issuer)) {
                refuse(one.name,
                       "the keys must come from somewhere: key_file, jwks_url, or an issuer that "
                       "is an address");
            }
            if (!one.jwks_url.empty() && !is_address(one.jwks_url)) {
                refuse(one.name, "jwks_url must begin with https:// or http://");
            }
            if (one.policy.empty()) {
                refuse(one.name, "policy must name a stored policy or a file of one");
            }
            return;
        case AuthorizerSettings::Type::http:
            if (!is_address(one.url)) {
                refuse(one.name, "url must begin with https:// or http://");
            }
            return;
        case AuthorizerSettings::Type::javascript:
            if (one.file.empty()) refuse(one.name, "file must name a JavaScript file");
            return;
    }
}

}  // namespace

std::vector<AuthorizerSettings> authorizers_of(const Config& config) {
    std::vector<AuthorizerSettings> out;
    for (const std::string& name : config.names("authorizer")) {
        const auto text = [&](const char* key) {
            return config.text("authorizer." + name + '.' + key);
        };
        AuthorizerSettings one{.name = name,
                               .type = type_of(name, text("type")),
                               .key_file = text("key_file"),
                               .jwks_url = text("jwks_url"),
                               .issuer = text("issuer"),
                               .audience = text("audience"),
                               .policy = text("policy"),
                               .url = text("url"),
                               .file = text("file"),
                               .token_key = text("token_key"),
                               .signature_key_file = text("signature_key_file"),
                               .is_default = config.flag("authorizer." + name + ".default")};
        check(one);
        out.push_back(std::move(one));
    }
    if (std::ranges::count(out, true, &AuthorizerSettings::is_default) > 1) {
        throw std::runtime_error("[authorizer]: two are default = true; at most one may be");
    }
    return out;
}

}  // namespace helio::server
