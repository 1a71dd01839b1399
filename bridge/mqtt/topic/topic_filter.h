// Topic filters (§4.7.1) and shared subscriptions (§4.8.2): what a client asks for.
//
// A TopicFilter that exists is valid: wildcards stand alone in their levels, '#' only at the end.
#pragma once

#include "base/result.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace helio::bridge::mqtt {

enum class FilterError : std::uint8_t {
    empty,
    too_long,
    not_utf8,
    too_deep,
    plus_not_alone,
    hash_not_alone,
    hash_not_last,
    bad_share,
};

class TopicFilter {
  public:
    // "$share/{group}/{filter}" is taken apart; the rest of `$share/...` is refused.
    static Result<TopicFilter, FilterError> parse(std::string_view text, std::size_t max_levels);

    std::string_view text() const { return text_; }  // as the client wrote it
    std::string_view filter() const { return std::string_view(text_).substr(filter_at_); }
    std::string_view group() const {  // empty where the subscription is not shared
        return filter_at_ == 0
                   ? std::string_view{}
                   : std::string_view(text_).substr(kShare.size(), filter_at_ - kShare.size() - 1);
    }
    bool shared() const { return filter_at_ != 0; }
    bool has_wildcards() const { return has_wildcards_; }

    friend bool operator==(const TopicFilter& a, const TopicFilter& b) {
        return a.text_ == b.text_;
    }

    static constexpr std::string_view kShare = "$share/";

  private:
    TopicFilter(std::string_view text, std::size_t filter_at, bool wild)
        : text_(text), filter_at_(filter_at), has_wildcards_(wild) {}

    std::string text_;
    std::size_t filter_at_;
    bool has_wildcards_;
};

// Whether a message on `topic` is one for `filter` (without $share); for one pair at a time.  A
// filter that begins with a wildcard matches no topic that begins with '$' [MQTT-4.7.2-1].
bool matches(std::string_view filter, std::string_view topic);

}  // namespace helio::bridge::mqtt
