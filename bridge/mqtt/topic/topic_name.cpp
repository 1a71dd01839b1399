#include "bridge/mqtt/topic/topic_name.h"

#include "bridge/mqtt/packet/utf8.h"

#include <algorithm>
#include <cstring>

namespace helio::bridge::mqtt {

TopicCheck check_topic_name(std::string_view topic) {
    if (topic.empty()) return TopicCheck::empty;
    if (topic.size() > 0xffff) return TopicCheck::too_long;
    if (!is_mqtt_utf8(topic)) return TopicCheck::not_utf8;
    if (std::memchr(topic.data(), '+', topic.size()) != nullptr ||
        std::memchr(topic.data(), '#', topic.size()) != nullptr) {
        return TopicCheck::wildcard;
    }
    return TopicCheck::ok;
}

std::size_t level_count(std::string_view topic) {
    return 1 + static_cast<std::size_t>(std::count(topic.begin(), topic.end(), '/'));
}

}  // namespace helio::bridge::mqtt
