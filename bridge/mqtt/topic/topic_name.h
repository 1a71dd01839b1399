// Topic names (§4.7): what a message is published to.
#pragma once

#include <cstddef>
#include <string_view>

namespace helio::bridge::mqtt {

enum class TopicCheck : unsigned char { ok, not_utf8, empty, wildcard, too_long };

// UTF-8 without U+0000, 1 to 65,535 bytes, no wildcard character.
TopicCheck check_topic_name(std::string_view topic);

// "/" between them: "a//b" has three, "/" has two.
std::size_t level_count(std::string_view topic);

// Cuts the next level off the front.  Use: for (LevelReader l(topic); l.next(level);) ...
class LevelReader {
  public:
    explicit LevelReader(std::string_view text) : rest_(text) {}
    bool next(std::string_view& level) {
        if (done_) return false;
        const std::size_t slash = rest_.find('/');
        if (slash == std::string_view::npos) {
            level = rest_;
            done_ = true;
        } else {
            level = rest_.substr(0, slash);
            rest_.remove_prefix(slash + 1);
        }
        return true;
    }

  private:
    std::string_view rest_;
    bool done_ = false;
};

}  // namespace helio::bridge::mqtt
