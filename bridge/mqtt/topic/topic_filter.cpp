#include "bridge/mqtt/topic/topic_filter.h"

#include "bridge/mqtt/packet/utf8.h"
#include "bridge/mqtt/topic/topic_name.h"

#include <optional>

namespace helio::bridge::mqtt {
namespace {

struct Shape {
    std::size_t levels = 0;
    bool wildcards = false;
    std::optional<FilterError> error;
};

Shape shape_of(std::string_view filter) {
    Shape shape;
    bool ended = false;
    std::string_view level;
    for (LevelReader levels(filter); levels.next(level);) {
        ++shape.levels;
        if (ended) {
            shape.error = FilterError::hash_not_last;
            return shape;
        }
        const bool plus = level.find('+') != std::string_view::npos;
        const bool hash = level.find('#') != std::string_view::npos;
        if (hash && level.size() != 1)
            shape.error = FilterError::hash_not_alone;
        else if (plus && level.size() != 1)
            shape.error = FilterError::plus_not_alone;
        if (shape.error) return shape;
        shape.wildcards |= plus || hash;
        ended = hash;
    }
    return shape;
}

}  // namespace

Result<TopicFilter, FilterError> TopicFilter::parse(std::string_view text, std::size_t max_levels) {
    if (text.empty()) return fail(FilterError::empty);
    if (text.size() > 0xffff) return fail(FilterError::too_long);
    if (!is_mqtt_utf8(text)) return fail(FilterError::not_utf8);

    std::size_t filter_at = 0;
    if (text.starts_with(kShare)) {
        const std::size_t slash = text.find('/', kShare.size());
        if (slash == std::string_view::npos) return fail(FilterError::bad_share);
        const std::string_view group = text.substr(kShare.size(), slash - kShare.size());
        if (group.empty() || group.find_first_of("+#") != std::string_view::npos) {
            return fail(FilterError::bad_share);  // [MQTT-4.8.2-1]
        }
        filter_at = slash + 1;
    }
    const std::string_view filter = text.substr(filter_at);
    if (filter.empty()) return fail(FilterError::bad_share);
    const Shape shape = shape_of(filter);
    if (shape.error) return fail(*shape.error);
    if (shape.levels > max_levels) return fail(FilterError::too_deep);
    return TopicFilter(text, filter_at, shape.wildcards);
}

bool matches(std::string_view filter, std::string_view topic) {
    if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#')))
        return false;
    LevelReader filters(filter);
    LevelReader topics(topic);
    std::string_view wanted;
    std::string_view level;
    while (filters.next(wanted)) {
        if (wanted == "#") return true;
        if (!topics.next(level)) return false;
        if (wanted != "+" && wanted != level) return false;
    }
    return !topics.next(level);
}

}  // namespace helio::bridge::mqtt
