// Which topics cross a bridge, and under which names; written like a line of Mosquitto's:
//
//   "out 1 sensors/# \"\" site-7/"     DIRECTION QOS FILTER [LOCAL_PREFIX [REMOTE_PREFIX]]
//
// out: a local topic LOCAL_PREFIX + t, where t matches FILTER, becomes REMOTE_PREFIX + t; in: the
// other way round.  "" is an empty prefix.
#pragma once

#include "base/result.h"
#include "bridge/mqtt/packet/protocol.h"

#include <optional>
#include <string>
#include <string_view>

namespace helio::bridge::edge {

enum class Direction : std::uint8_t { out, in };

struct TopicMap {
    Direction direction = Direction::out;
    mqtt::Qos qos = mqtt::Qos::at_least_once;  // of all messages of the map: 0 or 1
    std::string filter;
    std::string local_prefix;
    std::string remote_prefix;

    // The name on the other side; absent where the topic is none of the map's.
    std::optional<std::string> remote_of(std::string_view local_topic) const;
    std::optional<std::string> local_of(std::string_view remote_topic) const;
    // What to subscribe to upstream.
    std::string remote_filter() const { return remote_prefix + filter; }

    friend bool operator==(const TopicMap&, const TopicMap&) = default;
};

// The error is a sentence.
Result<TopicMap, std::string> parse_topic_map(std::string_view text);

}  // namespace helio::bridge::edge
