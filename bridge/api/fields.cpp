#include "bridge/api/fields.h"

#include "base/base64.h"

#include <boost/json.hpp>
#include <cmath>
#include <fmt/format.h>

namespace helio::bridge::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxProblems = 5;  // told at once
constexpr std::size_t kMaxTags = 200;    // in one request

std::size_t count_characters(std::string_view utf8) {
    return static_cast<std::size_t>(std::ranges::count_if(
        utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

bool is_name_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}
constexpr std::string_view kNameAlphabet = "letters, digits, '-' and '_'";

std::string must_be_text(const TextRule& rule) {
    std::string must =
        rule.min > 0 ? fmt::format("must be a text of {} to {} characters", rule.min, rule.max)
                     : fmt::format("must be a text of at most {} characters", rule.max);
    if (rule.allowed != nullptr) must += fmt::format(" made of {}", rule.alphabet);
    return must;
}

bool keeps(const json::value& value, const TextRule& rule) {
    const json::string* text = value.if_string();
    if (text == nullptr) return false;
    const std::size_t size = count_characters(*text);
    return size >= rule.min && size <= rule.max &&
           (rule.allowed == nullptr || std::ranges::all_of(*text, rule.allowed));
}

// Whole numbers only; 3.0 is one, 1e300 is none.
std::optional<std::int64_t> whole(const json::value& value) {
    if (const auto* i = value.if_int64()) return *i;
    if (const auto* d = value.if_double()) {
        if (std::abs(*d) < 9e15 && *d == std::floor(*d)) return static_cast<std::int64_t>(*d);
    }
    return std::nullopt;
}

}  // namespace

const TextRule kDestinationNameRule{
    .min = 1, .max = 128, .allowed = is_name_character, .alphabet = kNameAlphabet};
const TextRule kTokenRule{
    .min = 1, .max = 64, .allowed = is_name_character, .alphabet = kNameAlphabet};

void Problems::note(std::string_view field, std::string_view must) {
    if (sentences_.size() < kMaxProblems) sentences_.push_back(fmt::format("{} {}", field, must));
}

std::string Problems::text() const { return fmt::format("{}.", fmt::join(sentences_, "; ")); }

const json::value* Fields::find(std::string_view name) const {
    const json::value* value = object_->if_contains(name);
    return value != nullptr && value->is_null() ? nullptr : value;
}

bool Fields::has(std::string_view name) const { return find(name) != nullptr; }

void Fields::wrong(std::string_view name, std::string_view must) const {
    problems_->note(path_ + std::string(name), must);
}

void Fields::missing(std::string_view name, std::string_view must) const {
    problems_->note(path_ + std::string(name), fmt::format("is missing: it {}", must));
}

std::optional<std::string> Fields::text(std::string_view name, const TextRule& rule) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!keeps(*value, rule)) {
        wrong(name, must_be_text(rule));
        return std::nullopt;
    }
    return std::string(value->get_string());
}

std::optional<std::vector<std::string>> Fields::texts(std::string_view name,
                                                      std::size_t max_count,
                                                      const TextRule& rule) const {
    const json::array* items = list(name, max_count);
    if (items == nullptr) return std::nullopt;
    std::vector<std::string> out;
    for (const json::value& item : *items) {
        if (!keeps(item, rule)) {
            wrong(fmt::format("{}[{}]", name, out.size()), must_be_text(rule));
            return std::nullopt;
        }
        out.emplace_back(item.get_string());
    }
    return out;
}

std::optional<std::int64_t> Fields::number(std::string_view name,
                                           std::int64_t min,
                                           std::int64_t max) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    const auto number = whole(*value);
    if (!number || *number < min || *number > max) {
        wrong(name, fmt::format("must be a whole number from {} to {}", min, max));
        return std::nullopt;
    }
    return number;
}

std::optional<bool> Fields::flag(std::string_view name) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) {
        wrong(name, "must be true or false");
        return std::nullopt;
    }
    return value->get_bool();
}

std::optional<Bytes> Fields::hex(std::string_view name, std::size_t bytes) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    const json::string* text = value->if_string();
    auto decoded = text == nullptr ? std::nullopt : from_hex(*text);
    if (!decoded || decoded->size() != bytes) {
        wrong(name, fmt::format("must be {} hexadecimal digits", 2 * bytes));
        return std::nullopt;
    }
    return decoded;
}

std::optional<Eui64> Fields::eui(std::string_view name) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    const json::string* text = value->if_string();
    const auto eui = text == nullptr ? std::nullopt : Eui64::from_text(*text);
    if (!eui) wrong(name, "must be 16 hexadecimal digits");
    return eui;
}

std::optional<Bytes> Fields::base64(std::string_view name, std::size_t max_bytes) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    const json::string* text = value->if_string();
    // AWS wants the padding, which our decoder for gateways does without.
    const bool whole_groups = text != nullptr && text->size() % 4 == 0;
    auto decoded = whole_groups ? from_base64(*text) : std::nullopt;
    if (!decoded || decoded->size() > max_bytes) {
        wrong(name, fmt::format("must be padded base64 of at most {} bytes", max_bytes));
        return std::nullopt;
    }
    return decoded;
}

const json::array* Fields::list(std::string_view name, std::size_t max_count) const {
    const json::value* value = find(name);
    if (value == nullptr) return nullptr;
    const json::array* list = value->if_array();
    if (list == nullptr || list->size() > max_count) {
        wrong(name, fmt::format("must be a list of at most {} elements", max_count));
        return nullptr;
    }
    return list;
}

std::optional<std::vector<std::int64_t>> Fields::numbers(std::string_view name,
                                                         std::size_t max_count,
                                                         std::int64_t min,
                                                         std::int64_t max) const {
    const json::array* items = list(name, max_count);
    if (items == nullptr) return std::nullopt;
    std::vector<std::int64_t> out;
    for (const json::value& item : *items) {
        const auto number = whole(item);
        if (!number || *number < min || *number > max) {
            wrong(fmt::format("{}[{}]", name, out.size()),
                  fmt::format("must be a whole number from {} to {}", min, max));
            return std::nullopt;
        }
        out.push_back(*number);
    }
    return out;
}

std::optional<Fields> Fields::object(std::string_view name) const {
    const json::value* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_object()) {
        wrong(name, "must be an object");
        return std::nullopt;
    }
    return Fields(value->get_object(), fmt::format("{}{}.", path_, name), *problems_);
}

std::vector<Fields> Fields::objects(std::string_view name, std::size_t max_count) const {
    std::vector<Fields> out;
    const json::array* items = list(name, max_count);
    if (items == nullptr) return out;
    for (std::size_t i = 0; i < items->size(); ++i) {
        const std::string at = fmt::format("{}[{}]", name, i);
        if (const json::object* item = (*items)[i].if_object()) {
            out.emplace_back(*item, path_ + at + '.', *problems_);
        } else {
            wrong(at, "must be an object");
        }
    }
    return out;
}

std::optional<std::map<std::string, std::string>> Fields::tags(std::string_view name) const {
    if (!has(name)) return std::nullopt;
    std::map<std::string, std::string> out;
    for (const Fields& tag : objects(name, kMaxTags)) {
        const std::string key =
            tag.required(tag.text("Key", {.min = 1, .max = 128}), "Key", "must be a text");
        out[key] = tag.required(tag.text("Value"), "Value", "must be a text");
    }
    if (out.size() > kMaxTagsOfResource) {
        wrong(name, fmt::format("must have at most {} different keys", kMaxTagsOfResource));
    }
    return out;
}

std::string Fields::keep(std::span<const std::string_view> names) const {
    json::object kept;
    for (const std::string_view name : names) {
        if (const json::value* value = find(name)) kept[name] = *value;
    }
    return kept.empty() ? std::string() : json::serialize(kept);
}

Result<json::object, ApiError> parse_object(std::string_view text) {
    if (text.empty()) return json::object();
    boost::system::error_code error;
    json::value value = json::parse(text, error);
    if (error) return fail(bad_json(error.message()));
    if (!value.is_object()) return fail(bad_json("it is no object"));
    return std::move(value.get_object());
}

}  // namespace helio::bridge::api
