#include "base/config_value.h"

#include "base/io/peer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace helio {
namespace {

template <class T>
std::optional<T> parse_number(std::string_view text) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

struct Unit {
    std::string_view name;
    std::int64_t factor;
};
constexpr std::array<Unit, 7> kDurations = {{
    {"us", 1},
    {"ms", 1'000},
    {"s", 1'000'000},
    {"m", 60'000'000},
    {"min", 60'000'000},
    {"h", 3'600'000'000},
    {"d", 86'400'000'000},
}};
constexpr std::array<Unit, 11> kSizes = {{
    {"", 1},
    {"B", 1},
    {"K", 1 << 10},
    {"KB", 1 << 10},
    {"KiB", 1 << 10},
    {"M", 1 << 20},
    {"MB", 1 << 20},
    {"MiB", 1 << 20},
    {"G", 1 << 30},
    {"GB", 1 << 30},
    {"GiB", 1 << 30},
}};

std::optional<std::int64_t> factor_of(std::span<const Unit> units, std::string_view name) {
    for (const Unit& unit : units) {
        if (unit.name == name) return unit.factor;
    }
    return std::nullopt;
}

// Takes leading digits off `text`; absent where there are none, or too many.
std::optional<std::int64_t> take_digits(std::string_view& text) {
    const auto end = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto value = parse_number<std::int64_t>(text.substr(0, end));
    text.remove_prefix(end);
    return value;
}

std::optional<std::int64_t> multiply(std::int64_t a, std::int64_t b) {
    if (a > std::numeric_limits<std::int64_t>::max() / b) return std::nullopt;
    return a * b;
}

std::vector<std::string> split_list(std::string_view text) {
    std::vector<std::string> items;
    while (!text.empty()) {
        const std::string_view item = text.substr(0, text.find(','));
        if (!item.empty()) items.emplace_back(item);
        text.remove_prefix(std::min(item.size() + 1, text.size()));
    }
    return items;
}

template <class T>
std::optional<Config::Value> as_value(std::optional<T> parsed) {
    if (!parsed) return std::nullopt;
    return Config::Value(std::move(*parsed));
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
        }
    }
    return row[b.size()];
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
    std::int64_t total = 0;
    if (text.empty()) return std::nullopt;
    while (!text.empty()) {
        const auto count = take_digits(text);
        const auto unit_end = std::min(text.find_first_of("0123456789"), text.size());
        const auto factor = factor_of(kDurations, text.substr(0, unit_end));
        if (!count || !factor) return std::nullopt;
        text.remove_prefix(unit_end);
        const auto part = multiply(*count, *factor);
        if (!part || *part > std::numeric_limits<std::int64_t>::max() - total) return std::nullopt;
        total += *part;
    }
    return Duration(total);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    const auto count = take_digits(text);
    const auto factor = factor_of(kSizes, text);
    if (!count || !factor) return std::nullopt;
    const auto bytes = multiply(*count, *factor);
    if (!bytes) return std::nullopt;
    return static_cast<std::uint64_t>(*bytes);
}

std::optional<Config::Value> parse_config_value(ConfigType type, std::string_view text) {
    switch (type) {
        case ConfigType::text:
            return Config::Value(std::string(text));
        case ConfigType::flag:
            if (text == "true") return Config::Value(true);
            if (text == "false") return Config::Value(false);
            return std::nullopt;
        case ConfigType::integer:
            return as_value(parse_number<std::int64_t>(text));
        case ConfigType::number:
            return as_value(parse_number<double>(text));
        case ConfigType::duration:
            return as_value(parse_duration(text));
        case ConfigType::size:
            return as_value(parse_size(text));
        case ConfigType::address:
            if (!text.empty() && !io::Peer::from_text(text)) return std::nullopt;
            return Config::Value(std::string(text));
        case ConfigType::text_list:
            return Config::Value(split_list(text));
    }
    return std::nullopt;
}

std::string_view config_type_example(ConfigType type) {
    switch (type) {
        case ConfigType::text:
            return "a text";
        case ConfigType::flag:
            return "true or false";
        case ConfigType::integer:
            return "a whole number";
        case ConfigType::number:
            return "a number";
        case ConfigType::duration:
            return "a duration like \"200ms\", \"5s\" or \"1h30min\"";
        case ConfigType::size:
            return "a size like \"64MB\"";
        case ConfigType::address:
            return "an address like \"0.0.0.0:1700\" or \"[::]:1700\", or \"\" for off";
        case ConfigType::text_list:
            return "a list of texts like [\"EU868\", \"US915\"]";
    }
    return "";
}

std::string nearest_config_key(std::span<const ConfigKey> known, std::string_view name) {
    std::string best;
    std::size_t best_distance = std::numeric_limits<std::size_t>::max();
    for (const ConfigKey& key : known) {
        // The name that the user chose is right by definition: it stands for the star.
        std::string candidate(key.name);
        if (const auto star = candidate.find('*'); star != std::string::npos) {
            if (!name.starts_with(candidate.substr(0, star))) continue;
            const auto end = std::min(name.find('.', star), name.size());
            candidate.replace(star, 1, name.substr(star, end - star));
        }
        const std::size_t distance = edit_distance(candidate, name);
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

}  // namespace helio
