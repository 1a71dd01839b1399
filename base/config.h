// The program's settings: a TOML file and `section.key=value` overrides, held against a table of
// the keys that exist.
//
// The table says each key's type and default, so that a value on the command line needs no quotes.
// Whatever is wrong throws std::runtime_error with one sentence that names the key, where it was
// said, and what is expected.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helio {

enum class ConfigType : std::uint8_t {
    text,
    address,    // "host:port", "[::1]:port"; empty: off
    flag,       // true, false
    integer,    // not negative
    duration,   // "200ms", "5s", "10m", "1h", "7d"
    size,       // bytes: "64K", "16M", "2G" (powers of 1024) or a plain number
    text_list,  // ["a", "b"] in TOML; a,b on the command line
};

struct ConfigKey {
    // "section.key"; "section.*.key" is a key of each table [section.NAME].
    std::string_view name;
    ConfigType type;
    std::string_view default_value;  // as on the command line
    std::string_view help;
};

class Config {
  public:
    // `keys` must outlive the Config.
    explicit Config(std::span<const ConfigKey> keys) : keys_(keys) {}

    void load(const std::filesystem::path& file);
    // "section.key=value", as --set has it.
    void set(std::string_view assignment);

    // The key must be in the table with this type.
    std::string text(std::string_view name) const;  // text and address
    bool flag(std::string_view name) const;
    std::uint64_t integer(std::string_view name) const;
    Duration duration(std::string_view name) const;
    std::uint64_t size(std::string_view name) const;
    std::vector<std::string> list(std::string_view name) const;

    // The NAMEs of the tables [section.NAME] that were given.
    std::vector<std::string> names(std::string_view section) const;

    // A TOML file with every key, its default and its help.
    std::string defaults_as_toml() const;

  private:
    const ConfigKey* find(std::string_view name) const;
    void put(std::string_view name, std::string value, const std::string& where);
    const std::string& value(std::string_view name, ConfigType type) const;

    std::span<const ConfigKey> keys_;
    mutable std::map<std::string, std::string, std::less<>> values_;  // as on the command line
};

}  // namespace helio
