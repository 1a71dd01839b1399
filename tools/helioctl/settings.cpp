#include "tools/helioctl/settings.h"

#include <filesystem>
#include <fmt/format.h>

namespace helio::ctl {
namespace {

constexpr const char* kDefaultEndpoint = "http://127.0.0.1:8080";
constexpr const char* kDefaultCredentials = "data/credentials";

std::string variable(const Environment& environment, const char* name) {
    const char* value = environment(name);
    return value == nullptr ? std::string() : std::string(value);
}

FoundKey key_in(const std::string& file, const std::string& profile) {
    try {
        for (const auto& named : bridge::api::load_credentials(file)) {
            if (named.profile == profile) return {named.key, "the file " + file, file};
        }
    } catch (const std::runtime_error& error) {
        throw CtlError(error.what());
    }
    throw CtlError(fmt::format("The credentials file {} has no profile [{}].", file, profile));
}

}  // namespace

std::string find_endpoint(const Settings& settings, const Environment& environment) {
    std::string endpoint = settings.endpoint;
    if (endpoint.empty()) endpoint = variable(environment, "HELIO_ENDPOINT");
    if (endpoint.empty()) endpoint = kDefaultEndpoint;
    if (endpoint.find("://") == std::string::npos) endpoint = "http://" + endpoint;
    while (endpoint.ends_with('/')) endpoint.pop_back();
    return endpoint;
}

FoundKey find_key(const Settings& settings, const Environment& environment) {
    std::string profile = variable(environment, "AWS_PROFILE");
    if (profile.empty()) profile = "default";
    if (!settings.credentials.empty()) return key_in(settings.credentials, "default");
    if (const auto file = variable(environment, "HELIO_CREDENTIALS"); !file.empty()) {
        return key_in(file, "default");
    }
    if (std::filesystem::exists(kDefaultCredentials)) return key_in(kDefaultCredentials, "default");
    const std::string id = variable(environment, "AWS_ACCESS_KEY_ID");
    const std::string secret = variable(environment, "AWS_SECRET_ACCESS_KEY");
    if (!id.empty() && !secret.empty()) return {{id, secret}, "AWS_ACCESS_KEY_ID"};
    std::string aws_file = variable(environment, "AWS_SHARED_CREDENTIALS_FILE");
    if (aws_file.empty()) aws_file = variable(environment, "HOME") + "/.aws/credentials";
    if (std::filesystem::exists(aws_file)) return key_in(aws_file, profile);
    throw CtlError(
        "No access key was found: name the server's credentials file with --credentials "
        "DATA/credentials or in $HELIO_CREDENTIALS.");
}

std::string find_ca_file(const Settings& settings, const FoundKey& key) {
    if (!settings.ca_file.empty() || key.file.empty()) return settings.ca_file;
    const auto beside = std::filesystem::path(key.file).parent_path() / "ca.pem";
    return std::filesystem::exists(beside) ? beside.string() : std::string();
}

}  // namespace helio::ctl
