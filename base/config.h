// The settings of a program: a table of known keys, a TOML file and `--set section.key=value`.
//
// The program gives the table; what is read is checked against it at once, so that reading a value
// later cannot fail.  Whatever is wrong throws std::runtime_error with one sentence that names the
// place, the key and what would be right.
#pragma once

#include "base/time.h"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace helio {

enum class ConfigType : std::uint8_t {
    text,
    flag,  // true, false
    integer,
    number,
    duration,   // "200ms", "5s", "1h30min"
    size,       // "64MB" (of 1024), or bytes
    address,    // "0.0.0.0:1700", "[::]:1700"; "" for off
    text_list,  // ["EU868", "US915"]; after --set: EU868,US915
};

struct ConfigKey {
    std::string_view name;  // "mqtt.tcp"; a part that the user names is '*': "authorizer.*.type"
    ConfigType type;
    std::string_view initial;  // the value that holds without a setting, as it is written for --set
    std::string_view help;
};

class Config {
  public:
    // The table outlives the Config.
    explicit Config(std::span<const ConfigKey> known);

    // A later setting replaces an earlier one.
    void read_file(const std::string& path);
    void read_toml(std::string_view toml, std::string_view place);
    void set(std::string_view assignment);  // "mqtt.tcp=127.0.0.1:1883"

    // The name must be of the table and of the type that is asked for.
    const std::string& text(std::string_view name) const;  // of text and address
    bool flag(std::string_view name) const;
    std::int64_t integer(std::string_view name) const;
    double number(std::string_view name) const;
    Duration duration(std::string_view name) const;
    std::uint64_t size(std::string_view name) const;
    const std::vector<std::string>& list(std::string_view name) const;

    bool is_set(std::string_view name) const;  // by a file or --set
    // What stands for the '*' below a section, sorted: names_in("authorizer").
    std::vector<std::string> names_in(std::string_view section) const;

    std::span<const ConfigKey> known() const { return known_; }

    using Value = std::variant<std::string,
                               bool,
                               std::int64_t,
                               double,
                               Duration,
                               std::uint64_t,
                               std::vector<std::string>>;

  private:
    template <class T>
    const T& get(std::string_view name) const;

    std::span<const ConfigKey> known_;
    std::vector<Value> initial_;  // beside known_
    std::map<std::string, Value, std::less<>> values_;
};

// "200ms", "1h30min", "2d"; absent where a unit (us, ms, s, min, h, d) is missing or unknown.
std::optional<Duration> parse_duration(std::string_view text);
// "4096", "64KB", "2GB"; units of 1024.
std::optional<std::uint64_t> parse_size(std::string_view text);

}  // namespace helio
