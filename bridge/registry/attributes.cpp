#include "bridge/registry/attributes.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

namespace helio::bridge::registry {
namespace {

using Kind = Error::Kind;

constexpr std::size_t kMaxAttributes = 50;
constexpr std::size_t kMaxAttributeName = 128;
constexpr std::size_t kMaxAttributeValue = 800;

bool is_made_of(std::string_view text, std::string_view more) {
    return std::ranges::all_of(text, [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               more.find(c) != std::string_view::npos;
    });
}

}  // namespace

Result<void, Error> check_attributes(const Attributes& attributes) {
    constexpr std::string_view kMore = "_.,@/:#-";
    constexpr std::string_view kMoreInValues = "_.,@/:#-=[]";
    const auto refuse = [](std::string why) {
        return fail(Error{Kind::bad_request, std::move(why)});
    };
    if (attributes.size() > kMaxAttributes) {
        return refuse(fmt::format("There may be at most {} attributes.", kMaxAttributes));
    }
    for (const auto& [name, value] : attributes) {
        if (name.empty() || name.size() > kMaxAttributeName || !is_made_of(name, kMore)) {
            return refuse(
                fmt::format("The attribute name \"{}\" must have 1 to {} letters, digits "
                            "and {}.",
                            name.substr(0, kMaxAttributeName),
                            kMaxAttributeName,
                            kMore));
        }
        if (value.size() > kMaxAttributeValue || !is_made_of(value, kMoreInValues)) {
            return refuse(
                fmt::format("The value of the attribute {} must have at most {} letters, "
                            "digits and {}.",
                            name,
                            kMaxAttributeValue,
                            kMoreInValues));
        }
    }
    return {};
}

Result<Attributes, Error> changed(Attributes before, const AttributesChange& change) {
    if (!change.attributes) return before;
    Attributes after = change.merge ? std::move(before) : Attributes();
    for (const auto& [key, value] : *change.attributes) {
        if (value.empty() && change.merge) {
            after.erase(key);
        } else {
            after[key] = value;
        }
    }
    if (const auto checked = check_attributes(after); !checked) return fail(checked.error());
    return after;
}

Result<void, Error> check_version(std::optional<std::uint64_t> expected, std::uint64_t is) {
    if (!expected || *expected == is) return {};
    return fail(Error{Kind::version_conflict,
                      fmt::format("The version is {}, and {} was expected.", is, *expected)});
}

}  // namespace helio::bridge::registry
