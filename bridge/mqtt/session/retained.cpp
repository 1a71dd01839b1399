#include "bridge/mqtt/session/retained.h"

#include "bridge/mqtt/topic/topic_filter.h"
#include "bridge/mqtt/topic/topic_name.h"

#include <algorithm>

namespace helio::bridge::mqtt {
namespace {

// The levels before the first wildcard, without the slash behind them.
std::string_view literal_beginning(std::string_view filter) {
    const std::size_t wild = filter.find_first_of("+#");
    if (wild == std::string_view::npos) return filter;
    return wild == 0 ? std::string_view{} : filter.substr(0, wild - 1);
}

bool begins_with_wildcard(std::string_view filter) {
    return filter.starts_with('+') || filter.starts_with('#');
}

bool lies_at_or_below(std::string_view topic, std::string_view beginning) {
    return topic.starts_with(beginning) &&
           (topic.size() == beginning.size() || topic[beginning.size()] == '/');
}

}  // namespace

// '/' before every other character, so that a level's topics stand together.
bool RetainedMessages::ByLevel::operator()(std::string_view a, std::string_view b) const {
    const auto rank = [](char c) { return c == '/' ? 0u : static_cast<unsigned char>(c) + 1u; };
    return std::lexicographical_compare(
        a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return rank(x) < rank(y); });
}

bool RetainedMessages::set(MessagePtr message, Instant stored_at) {
    const std::string_view topic = message->view().topic;
    const auto it = by_topic_.find(topic);
    const std::size_t old = it == by_topic_.end() ? 0 : it->second.message->size();
    if (bytes_ - old + message->size() > limits_.bytes) return false;
    if (it == by_topic_.end() && by_topic_.size() >= limits_.messages) return false;
    bytes_ = bytes_ - old + message->size();
    if (it != by_topic_.end()) {
        it->second = {std::move(message), stored_at};
    } else {
        by_topic_.emplace(std::string(topic), Retained{std::move(message), stored_at});
    }
    return true;
}

bool RetainedMessages::erase(std::string_view topic) {
    const auto it = by_topic_.find(topic);
    if (it == by_topic_.end()) return false;
    bytes_ -= it->second.message->size();
    by_topic_.erase(it);
    return true;
}

MessagePtr RetainedMessages::find(std::string_view topic) const {
    const auto it = by_topic_.find(topic);
    return it == by_topic_.end() ? nullptr : it->second.message;
}

const RetainedMessages::Retained* RetainedMessages::get(std::string_view topic) const {
    const auto it = by_topic_.find(topic);
    return it == by_topic_.end() ? nullptr : &it->second;
}

void RetainedMessages::each(std::string_view after,
                            FunctionRef<bool(const Retained&)> visit) const {
    auto it = after.empty() ? by_topic_.begin() : by_topic_.upper_bound(after);
    while (it != by_topic_.end() && visit(it->second)) ++it;
}

bool RetainedMessages::may_have(std::string_view filter) const {
    const std::string_view beginning = literal_beginning(filter);
    if (beginning.size() == filter.size()) return by_topic_.contains(filter);
    if (begins_with_wildcard(filter)) return !by_topic_.empty();
    const auto it = by_topic_.lower_bound(beginning);
    return it != by_topic_.end() && lies_at_or_below(it->first, beginning);
}

RetainedMessages::Step RetainedMessages::next(std::string_view filter,
                                              std::string& after,
                                              std::size_t& budget) const {
    const std::string_view beginning = literal_beginning(filter);
    if (beginning.size() == filter.size()) {
        if (!after.empty()) return {.message = nullptr, .ended = true};
        after = filter;
        return {.message = find(filter), .ended = true};
    }
    const bool everywhere = begins_with_wildcard(filter);
    auto it = after.empty() ? by_topic_.lower_bound(beginning) : by_topic_.upper_bound(after);
    for (; it != by_topic_.end(); ++it) {
        if (!everywhere && !lies_at_or_below(it->first, beginning)) break;
        if (budget == 0) return {};
        --budget;
        after = it->first;
        if (matches(filter, it->first)) return {.message = it->second.message, .ended = false};
    }
    return {.message = nullptr, .ended = true};
}

}  // namespace helio::bridge::mqtt
