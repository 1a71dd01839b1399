// Access keys: who may call the API.  The administrator's is made on the first start and kept in a
// file of the aws command line's format, mode 0600.
#pragma once

#include "crypto/random.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::api {

struct AccessKey {
    std::string id;      // "HELIO" and 15 upper-case letters and digits
    std::string secret;  // 40 letters and digits
    friend bool operator==(const AccessKey&, const AccessKey&) = default;
};

AccessKey make_access_key(const crypto::Random& random);

std::string credentials_text(const AccessKey& key);

// Every profile that has both halves of a key; other lines are passed over.
struct NamedKey {
    std::string profile;
    AccessKey key;
};
std::vector<NamedKey> parse_credentials(std::string_view text);

// Writes the whole file or nothing, readable by its owner only.  Throws std::runtime_error with one
// sentence where the folder cannot be written.
void write_credentials(const std::filesystem::path& file, const AccessKey& key);

// Throws std::runtime_error with one sentence where the file is there and holds no key.
std::vector<NamedKey> load_credentials(const std::filesystem::path& file);

class KeyRing {
  public:
    // Of the credentials file: its owner may do everything, whatever policies say.
    void add_administrator(AccessKey key);
    // May do what policies that are attached to it allow, and nothing without.
    void add(AccessKey key);
    void remove(std::string_view id);
    // Valid until the ring changes.
    std::optional<std::string_view> secret_of(std::string_view id) const;
    bool is_administrator(std::string_view id) const;

  private:
    struct Entry {
        std::string secret;
        bool administrator = false;
    };
    std::map<std::string, Entry, std::less<>> keys_;  // by id
};

}  // namespace helio::bridge::api
