// Reads the members of a JSON object and says of every wrong one what it must be.
//
// A reader answers absent both where a member is missing and where it is wrong; the second is noted
// in the Problems, so that an operation reads everything first and asks problems.error() once.
// Unknown members are passed over, as AWS does.
#pragma once

#include "base/bytes.h"
#include "base/eui64.h"
#include "bridge/api/error.h"

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::api {

class Problems {
  public:
    void note(std::string_view field, std::string_view must);  // "LoRaWAN.DevEui", "must be ..."
    bool any() const { return !sentences_.empty(); }
    std::string text() const;

  private:
    std::vector<std::string> sentences_;
};

// Which texts a member may hold; lengths are in characters.
struct TextRule {
    std::size_t min = 0;
    std::size_t max = 256;
    bool (*allowed)(char) = nullptr;
    std::string_view alphabet{};  // what `allowed` means: "letters, digits, '-' and '_'"
};
inline constexpr TextRule kNameRule{.max = 256};
inline constexpr TextRule kDescriptionRule{.max = 2048};
inline constexpr std::size_t kMaxTagsOfResource = 50;
extern const TextRule kDestinationNameRule;
extern const TextRule kTokenRule;

class Fields {
  public:
    // `path` is put before the names of members: "LoRaWAN.".
    Fields(const boost::json::object& object, std::string path, Problems& problems)
        : object_(&object), path_(std::move(path)), problems_(&problems) {}

    bool has(std::string_view name) const;
    std::optional<std::string> text(std::string_view name, const TextRule& rule = kNameRule) const;
    std::optional<std::int64_t> number(std::string_view name,
                                       std::int64_t min,
                                       std::int64_t max) const;
    std::optional<bool> flag(std::string_view name) const;
    std::optional<Bytes> hex(std::string_view name, std::size_t bytes) const;
    std::optional<Eui64> eui(std::string_view name) const;  // "-" and ":" between bytes allowed
    std::optional<Bytes> base64(std::string_view name, std::size_t max_bytes) const;
    std::optional<std::vector<std::int64_t>> numbers(std::string_view name,
                                                     std::size_t max_count,
                                                     std::int64_t min,
                                                     std::int64_t max) const;
    std::optional<std::vector<std::string>> texts(std::string_view name,
                                                  std::size_t max_count,
                                                  const TextRule& rule) const;
    std::optional<Fields> object(std::string_view name) const;
    // Of a list; what is no object is noted and left out.
    std::vector<Fields> objects(std::string_view name, std::size_t max_count) const;
    std::optional<std::map<std::string, std::string>> tags(  // [{"Key", "Value"}]
        std::string_view name = "Tags") const;
    const boost::json::array* list(std::string_view name, std::size_t max_count) const;

    // The value, or a note that it is missing and an empty one.
    template <class T>
    T required(std::optional<T> value, std::string_view name, std::string_view must) const {
        if (value) return *std::move(value);
        if (!has(name)) missing(name, must);
        return T{};
    }
    void missing(std::string_view name, std::string_view must) const;
    void wrong(std::string_view name, std::string_view must) const;

    // The named members, as they are, in one JSON object; empty where there is none of them.
    std::string keep(std::span<const std::string_view> names) const;

    const boost::json::object& json() const { return *object_; }

  private:
    const boost::json::value* find(std::string_view name) const;

    const boost::json::object* object_;
    std::string path_;
    Problems* problems_;
};

// The body of a request as an object; an empty body is an empty object.
Result<boost::json::object, ApiError> parse_object(std::string_view text);

}  // namespace helio::bridge::api
