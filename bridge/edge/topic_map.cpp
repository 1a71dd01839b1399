#include "bridge/edge/topic_map.h"

#include "bridge/mqtt/topic/topic_filter.h"
#include "bridge/mqtt/topic/topic_name.h"

#include <vector>

namespace helio::bridge::edge {
namespace {

constexpr std::size_t kMaxLevels = 128;

std::optional<std::string> renamed(std::string_view topic,
                                   std::string_view from,
                                   std::string_view to,
                                   std::string_view filter) {
    if (!topic.starts_with(from)) return std::nullopt;
    const std::string_view rest = topic.substr(from.size());
    if (rest.empty() || !mqtt::matches(filter, rest)) return std::nullopt;
    std::string out(to);
    out += rest;
    if (mqtt::check_topic_name(out) != mqtt::TopicCheck::ok) return std::nullopt;
    return out;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (!word.empty()) out.emplace_back(word == "\"\"" ? "" : word);
    }
    return out;
}

bool is_prefix(const std::string& text) {
    return text.empty() || mqtt::check_topic_name(text) == mqtt::TopicCheck::ok;
}

}  // namespace

std::optional<std::string> TopicMap::remote_of(std::string_view local_topic) const {
    return renamed(local_topic, local_prefix, remote_prefix, filter);
}

std::optional<std::string> TopicMap::local_of(std::string_view remote_topic) const {
    return renamed(remote_topic, remote_prefix, local_prefix, filter);
}

Result<TopicMap, std::string> parse_topic_map(std::string_view text) {
    const auto words = words_of(text);
    const auto wrong = [&](std::string_view why) {
        return fail("\"" + std::string(text) + "\": " + std::string(why) +
                    "; it must be like: out 1 sensors/# \"\" site-7/");
    };
    if (words.size() < 3 || words.size() > 5) return wrong("it has not three to five words");
    TopicMap map{.filter = words[2]};
    if (words[0] != "out" && words[0] != "in") return wrong("the direction is neither out nor in");
    map.direction = words[0] == "out" ? Direction::out : Direction::in;
    if (words[1] != "0" && words[1] != "1") return wrong("the QoS is neither 0 nor 1");
    map.qos = words[1] == "0" ? mqtt::Qos::at_most_once : mqtt::Qos::at_least_once;
    const auto filter = mqtt::TopicFilter::parse(map.filter, kMaxLevels);
    if (!filter || filter->shared()) return wrong("the filter is none");
    if (words.size() > 3) map.local_prefix = words[3];
    if (words.size() > 4) map.remote_prefix = words[4];
    if (!is_prefix(map.local_prefix) || !is_prefix(map.remote_prefix)) {
        return wrong("a prefix has a wildcard in it");
    }
    return map;
}

}  // namespace helio::bridge::edge
