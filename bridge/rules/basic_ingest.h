// Basic Ingest: a message to "$aws/rules/{rule}/{topic}" runs that rule and is delivered to nobody.
#pragma once

#include <optional>
#include <string_view>

namespace helio::bridge::rules {

struct BasicIngest {
    std::string_view rule;
    std::string_view topic;  // what topic() says; may be empty
};

inline constexpr std::string_view kBasicIngestPrefix = "$aws/rules/";

// Absent where `topic` is none of these.
inline std::optional<BasicIngest> parse_basic_ingest(std::string_view topic) {
    if (!topic.starts_with(kBasicIngestPrefix)) return std::nullopt;
    topic.remove_prefix(kBasicIngestPrefix.size());
    const std::size_t slash = topic.find('/');
    if (slash == topic.npos) return BasicIngest{topic, {}};
    return BasicIngest{topic.substr(0, slash), topic.substr(slash + 1)};
}

}  // namespace helio::bridge::rules
