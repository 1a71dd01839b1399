#include "base/config.h"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <sstream>
#include <stdexcept>
#include <toml++/toml.h>

namespace helio {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};
constexpr Unit kDurationUnits[] = {{"us", 1},
                                   {"ms", 1'000},
                                   {"s", 1'000'000},
                                   {"m", 60'000'000},
                                   {"h", 3'600'000'000},
                                   {"d", 86'400'000'000}};
constexpr Unit kSizeUnits[] = {{"", 1}, {"K", 1u << 10}, {"M", 1u << 20}, {"G", 1u << 30}};

struct TypeRow {
    ConfigType type;
    std::string_view expected;
};
constexpr TypeRow kTypes[] = {
    {ConfigType::text, "a text"},
    {ConfigType::address, "an address like \"0.0.0.0:1700\", or an empty text for off"},
    {ConfigType::flag, "true or false"},
    {ConfigType::integer, "a whole number that is not negative"},
    {ConfigType::duration, "a duration like 200ms, 5s, 10m, 1h or 7d"},
    {ConfigType::size, "a size in bytes like 65536, 64K, 16M or 2G"},
    {ConfigType::text_list, "a list like [\"EU868\", \"US915\"]"},
};
static_assert(std::size(kTypes) == static_cast<std::size_t>(ConfigType::text_list) + 1);

std::string_view expected(ConfigType type) {
    return kTypes[static_cast<std::size_t>(type)].expected;
}

std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    const std::string_view suffix = text.substr(static_cast<std::size_t>(end - text.data()));
    for (const Unit& unit : units) {
        if (unit.name == suffix && number <= UINT64_MAX / unit.factor) return number * unit.factor;
    }
    return std::nullopt;
}

bool is_address(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return false;
    const std::string_view port = text.substr(colon + 1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    return error == std::errc() && end == port.data() + port.size() && number <= 65'535;
}

bool fits(ConfigType type, std::string_view value) {
    switch (type) {
        case ConfigType::text:
        case ConfigType::text_list:
            return true;
        case ConfigType::address:
            return value.empty() || is_address(value);
        case ConfigType::flag:
            return value == "true" || value == "false";
        case ConfigType::integer:
            return parse_with_unit(value, std::span(kSizeUnits).first(1)).has_value();
        case ConfigType::duration:
            return parse_with_unit(value, kDurationUnits).has_value();
        case ConfigType::size:
            return parse_with_unit(value, kSizeUnits).has_value();
    }
    return false;
}

// "authorizer.door.type" matches "authorizer.*.type".
bool matches(std::string_view pattern, std::string_view name) {
    const std::size_t star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == name;
    const std::string_view head = pattern.substr(0, star);
    const std::string_view tail = pattern.substr(star + 1);
    return name.size() > head.size() + tail.size() && name.starts_with(head) &&
           name.ends_with(tail) &&
           name.substr(head.size(), name.size() - head.size() - tail.size()).find('.') ==
               std::string_view::npos;
}

// How many letters must be changed, added or removed.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, change}));
        }
    }
    return row.back();
}

// The value of a TOML node as it would stand on the command line; absent where it has no such form.
std::optional<std::string> text_of_node(const toml::node& node) {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* array = node.as_array()) {
        std::string list;
        for (const toml::node& element : *array) {
            const auto* text = element.as_string();
            if (text == nullptr) return std::nullopt;
            list += (list.empty() ? "" : ",") + text->get();
        }
        return list;
    }
    return std::nullopt;
}

bool has_form_of(const toml::node& node, ConfigType type) {
    switch (type) {
        case ConfigType::flag:
            return node.is_boolean();
        case ConfigType::integer:
            return node.is_integer();
        case ConfigType::size:
            return node.is_integer() || node.is_string();
        case ConfigType::text_list:
            return node.is_array();
        default:
            return node.is_string();
    }
}

}  // namespace

const ConfigKey* Config::find(std::string_view name) const {
    const auto found =
        std::ranges::find_if(keys_, [&](const ConfigKey& key) { return matches(key.name, name); });
    return found == keys_.end() ? nullptr : &*found;
}

void Config::put(std::string_view name, std::string value, const std::string& where) {
    const ConfigKey* key = find(name);
    if (key == nullptr) {
        const auto nearest = std::ranges::min_element(
            keys_, {}, [&](const ConfigKey& k) { return distance(k.name, name); });
        throw std::runtime_error(where + ": there is no setting \"" + std::string(name) +
                                 "\"; did you mean \"" + std::string(nearest->name) + "\"?");
    }
    if (!fits(key->type, value)) {
        throw std::runtime_error(where + ": " + std::string(name) + " is \"" + value +
                                 "\", and must be " + std::string(expected(key->type)));
    }
    values_.insert_or_assign(std::string(name), std::move(value));
}

void Config::load(const std::filesystem::path& file) {
    toml::table root;
    try {
        root = toml::parse_file(file.string());
    } catch (const toml::parse_error& error) {
        const auto line = error.source().begin.line;
        throw std::runtime_error(file.string() + (line > 0 ? ":" + std::to_string(line) : "") +
                                 ": " + std::string(error.description()));
    }
    const auto walk =
        [&](const auto& self, const toml::table& table, const std::string& prefix) -> void {
        for (const auto& [key, node] : table) {
            const std::string name = prefix + std::string(key.str());
            if (const auto* inner = node.as_table()) {
                self(self, *inner, name + ".");
                continue;
            }
            const std::string where =
                file.string() + ":" + std::to_string(node.source().begin.line);
            const ConfigKey* known = find(name);
            const auto text = text_of_node(node);
            if (known != nullptr && (!text || !has_form_of(node, known->type))) {
                throw std::runtime_error(where + ": " + name + " must be " +
                                         std::string(expected(known->type)));
            }
            put(name, text.value_or(""), where);
        }
    };
    walk(walk, root, "");
}

void Config::set(std::string_view assignment) {
    const std::size_t equals = assignment.find('=');
    if (equals == std::string_view::npos) {
        throw std::runtime_error("--set " + std::string(assignment) +
                                 ": write it as section.key=value");
    }
    put(assignment.substr(0, equals),
        std::string(assignment.substr(equals + 1)),
        "--set " + std::string(assignment));
}

const std::string& Config::value(std::string_view name, ConfigType type) const {
    const ConfigKey* key = find(name);
    assert(key != nullptr &&
           (key->type == type || (type == ConfigType::text && key->type == ConfigType::address)));
    static_cast<void>(type);
    const auto found = values_.find(name);
    if (found != values_.end()) return found->second;
    return values_.emplace(std::string(name), std::string(key->default_value)).first->second;
}

std::string Config::text(std::string_view name) const { return value(name, ConfigType::text); }

bool Config::flag(std::string_view name) const { return value(name, ConfigType::flag) == "true"; }

std::uint64_t Config::integer(std::string_view name) const {
    return *parse_with_unit(value(name, ConfigType::integer), std::span(kSizeUnits).first(1));
}

Duration Config::duration(std::string_view name) const {
    return Duration(*parse_with_unit(value(name, ConfigType::duration), kDurationUnits));
}

std::uint64_t Config::size(std::string_view name) const {
    return *parse_with_unit(value(name, ConfigType::size), kSizeUnits);
}

std::vector<std::string> Config::list(std::string_view name) const {
    std::vector<std::string> out;
    std::istringstream text(value(name, ConfigType::text_list));
    for (std::string element; std::getline(text, element, ',');) {
        if (!element.empty()) out.push_back(element);
    }
    return out;
}

std::vector<std::string> Config::names(std::string_view section) const {
    std::vector<std::string> out;
    const std::string prefix = std::string(section) + ".";
    for (const auto& [name, _] : values_) {
        if (!name.starts_with(prefix)) continue;
        const std::size_t end = name.find('.', prefix.size());
        if (end == std::string::npos) continue;
        std::string one = name.substr(prefix.size(), end - prefix.size());
        if (out.empty() || out.back() != one) out.push_back(std::move(one));
    }
    return out;
}

std::string Config::defaults_as_toml() const {
    std::string out;
    std::string_view section;
    for (const ConfigKey& key : keys_) {
        const std::size_t dot = key.name.rfind('.');
        if (key.name.substr(0, dot) != section) {
            section = key.name.substr(0, dot);
            std::string heading(section);
            if (const std::size_t star = heading.find('*'); star != std::string::npos) {
                heading = "# [" + heading.replace(star, 1, "NAME") + "]";
            } else {
                heading = "[" + heading + "]";
            }
            out += (out.empty() ? "" : "\n") + heading + "\n";
        }
        const bool bare = key.type == ConfigType::flag || key.type == ConfigType::integer;
        std::string shown(key.default_value);
        if (key.type == ConfigType::text_list) {
            std::string list;
            for (const std::string& element : Config(keys_).list(key.name)) {
                list += (list.empty() ? "\"" : ", \"") + element + "\"";
            }
            shown = "[" + list + "]";
        } else if (!bare) {
            shown = "\"" + shown + "\"";
        }
        out += "# " + std::string(key.help) + "\n" +
               (key.name.find('*') == std::string_view::npos ? "" : "# ") +
               std::string(key.name.substr(dot + 1)) + " = " + shown + "\n";
    }
    return out;
}

}  // namespace helio
