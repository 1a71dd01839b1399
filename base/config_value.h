// Values of settings as they are written, and the help for those that are not; for config.cpp.
#pragma once

#include "base/config.h"

#include <optional>

namespace helio {

// As after --set; absent where the text is no value of the type.
std::optional<Config::Value> parse_config_value(ConfigType type, std::string_view text);

// "a whole number", to stand behind "must be".
std::string_view config_type_example(ConfigType type);

// The known key that looks most like `name`.
std::string nearest_config_key(std::span<const ConfigKey> known, std::string_view name);

}  // namespace helio
