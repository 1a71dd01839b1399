#include "base/config.h"

#include "base/config_value.h"

#include <algorithm>
#include <cassert>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <toml++/toml.h>

namespace helio {
namespace {

[[noreturn]] void refuse(std::string_view place, const std::string& what) {
    throw std::runtime_error(std::string(place) + ": " + what);
}

bool is_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

// "authorizer.*.type" matches "authorizer.mine.type".
bool matches(std::string_view pattern, std::string_view name) {
    const auto star = pattern.find('*');
    if (star == std::string_view::npos) return pattern == name;
    const std::string_view before = pattern.substr(0, star);
    const std::string_view after = pattern.substr(star + 1);
    if (name.size() <= before.size() + after.size()) return false;
    return name.starts_with(before) && name.ends_with(after) &&
           is_name(name.substr(before.size(), name.size() - before.size() - after.size()));
}

const ConfigKey* find_key(std::span<const ConfigKey> known, std::string_view name) {
    const auto found =
        std::ranges::find_if(known, [&](const ConfigKey& key) { return matches(key.name, name); });
    return found == known.end() ? nullptr : &*found;
}

const ConfigKey& key_of(std::span<const ConfigKey> known,
                        std::string_view name,
                        std::string_view place) {
    if (const ConfigKey* const key = find_key(known, name)) return *key;
    refuse(place,
           "there is no setting " + std::string(name) + "; did you mean " +
               nearest_config_key(known, name) + "?");
}

[[noreturn]] void refuse_value(std::string_view place,
                               std::string_view name,
                               ConfigType type,
                               const std::string& given) {
    refuse(place,
           std::string(name) + " must be " + std::string(config_type_example(type)) + ", not " +
               given);
}

// The text as after --set; absent where the kind of TOML value does not fit the type.
std::optional<std::string> text_of_node(ConfigType type, const toml::node& node) {
    const bool is_bare =
        type == ConfigType::flag || type == ConfigType::integer || type == ConfigType::number;
    if (const auto* text = node.as_string()) {
        if (is_bare) return std::nullopt;
        return text->get();
    }
    if (const auto* flag = node.as_boolean(); flag != nullptr && type == ConfigType::flag) {
        return flag->get() ? "true" : "false";
    }
    if (const auto* integer = node.as_integer()) {
        if (!is_bare && type != ConfigType::size) return std::nullopt;
        return std::to_string(integer->get());
    }
    return std::nullopt;
}

std::optional<Config::Value> value_of_node(ConfigType type, const toml::node& node) {
    if (type == ConfigType::text_list) {
        const auto* const array = node.as_array();
        if (array == nullptr) return std::nullopt;
        std::vector<std::string> items;
        for (const toml::node& item : *array) {
            if (!item.is_string()) return std::nullopt;
            items.push_back(item.as_string()->get());
        }
        return Config::Value(std::move(items));
    }
    if (const auto* real = node.as_floating_point();
        real != nullptr && type == ConfigType::number) {
        return Config::Value(real->get());
    }
    const auto text = text_of_node(type, node);
    if (!text) return std::nullopt;
    return parse_config_value(type, *text);
}

std::string shown(const toml::node& node) {
    if (const auto* text = node.as_string()) return '"' + text->get() + '"';
    if (const auto* integer = node.as_integer()) return std::to_string(integer->get());
    if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
    if (node.is_array()) return "a list";
    return "this value";
}

// Calls `leaf(name, node)` for every value below `table`.
template <class Leaf>
void walk(const toml::table& table, const std::string& prefix, const Leaf& leaf) {
    for (const auto& [key, node] : table) {
        const std::string name = prefix + std::string(key.str());
        if (const auto* const below = node.as_table()) {
            walk(*below, name + '.', leaf);
        } else {
            leaf(name, node);
        }
    }
}

}  // namespace

Config::Config(std::span<const ConfigKey> known) : known_(known) {
    for (const ConfigKey& key : known) {
        auto value = parse_config_value(key.type, key.initial);
        if (!value) {
            throw std::logic_error("the initial value of " + std::string(key.name) +
                                   " is not of its type");
        }
        initial_.push_back(std::move(*value));
    }
}

void Config::read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        throw std::runtime_error("the configuration file " + path +
                                 " cannot be read; is it there, and may this user read it?");
    }
    const std::string toml((std::istreambuf_iterator<char>(file)),
                           std::istreambuf_iterator<char>());
    read_toml(toml, path);
}

void Config::read_toml(std::string_view toml, std::string_view place) {
    const auto at_line = [&](const toml::source_region& source) {
        return std::string(place) + ':' + std::to_string(source.begin.line);
    };
    toml::table table;
    try {
        table = toml::parse(toml, place);
    } catch (const toml::parse_error& error) {
        refuse(at_line(error.source()), std::string(error.description()));
    }
    walk(table, "", [&](const std::string& name, const toml::node& node) {
        const std::string where = at_line(node.source());
        const ConfigKey& key = key_of(known_, name, where);
        auto value = value_of_node(key.type, node);
        if (!value) refuse_value(where, name, key.type, shown(node));
        values_[name] = std::move(*value);
    });
}

void Config::set(std::string_view assignment) {
    const std::string place = "--set " + std::string(assignment);
    const auto equals = assignment.find('=');
    if (equals == std::string_view::npos) {
        refuse(place, "a setting is written section.key=value");
    }
    const std::string name(assignment.substr(0, equals));
    const std::string_view text = assignment.substr(equals + 1);
    const ConfigKey& key = key_of(known_, name, place);
    auto value = parse_config_value(key.type, text);
    if (!value) refuse_value(place, name, key.type, '"' + std::string(text) + '"');
    values_[name] = std::move(*value);
}

template <class T>
const T& Config::get(std::string_view name) const {
    if (const auto found = values_.find(name); found != values_.end()) {
        return std::get<T>(found->second);
    }
    const ConfigKey* const key = find_key(known_, name);
    assert(key != nullptr && "a setting that is not in the table");
    return std::get<T>(initial_[static_cast<std::size_t>(key - known_.data())]);
}

const std::string& Config::text(std::string_view name) const { return get<std::string>(name); }
bool Config::flag(std::string_view name) const { return get<bool>(name); }
std::int64_t Config::integer(std::string_view name) const { return get<std::int64_t>(name); }
double Config::number(std::string_view name) const { return get<double>(name); }
Duration Config::duration(std::string_view name) const { return get<Duration>(name); }
std::uint64_t Config::size(std::string_view name) const { return get<std::uint64_t>(name); }
const std::vector<std::string>& Config::list(std::string_view name) const {
    return get<std::vector<std::string>>(name);
}

bool Config::is_set(std::string_view name) const { return values_.contains(name); }

std::vector<std::string> Config::names_in(std::string_view section) const {
    const std::string prefix = std::string(section) + '.';
    std::vector<std::string> names;
    for (auto at = values_.lower_bound(prefix); at != values_.end(); ++at) {
        if (!at->first.starts_with(prefix)) break;
        const auto end = at->first.find('.', prefix.size());
        if (end == std::string::npos) continue;
        std::string name = at->first.substr(prefix.size(), end - prefix.size());
        if (names.empty() || names.back() != name) names.push_back(std::move(name));
    }
    std::ranges::sort(names);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace helio
