#include "bridge/mqtt/topic/topic_tree.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace helio::bridge::mqtt {
namespace {

template <class List>
auto place_of(List& list, SubscriberId subscriber) {
    return std::lower_bound(
        list.begin(), list.end(), subscriber, [](const auto& s, SubscriberId id) {
            return s.subscriber < id;
        });
}

// Whether the subscriber was not there before.
bool put(Subscriptions& list, const Subscription& subscription) {
    const auto at = place_of(list, subscription.subscriber);
    if (at != list.end() && at->subscriber == subscription.subscriber) {
        *at = subscription;
        return false;
    }
    list.insert(at, subscription);
    return true;
}

bool take(Subscriptions& list, SubscriberId subscriber) {
    const auto at = place_of(list, subscriber);
    if (at == list.end() || at->subscriber != subscriber) return false;
    list.erase(at);
    return true;
}

using Groups = std::vector<std::unique_ptr<SharedGroup>>;

SharedGroup* find_group(const Groups* groups, std::string_view name) {
    if (groups == nullptr) return nullptr;
    for (const auto& group : *groups) {
        if (group->name == name) return group.get();
    }
    return nullptr;
}

}  // namespace

TopicTree::TopicTree(std::size_t cache_slots)
    : cache_slots_(std::bit_ceil(std::max<std::size_t>(cache_slots, 2))) {}
TopicTree::~TopicTree() = default;

FilterNode& TopicTree::node_for(const TopicFilter& filter) {
    const auto it = filters_.find(filter.filter());
    if (it != filters_.end()) return *it->second;
    auto made = std::make_unique<FilterNode>(filter.filter(), filter.has_wildcards());
    FilterNode& node = *made;
    filters_.emplace(node.text(), std::move(made));
    if (filter.has_wildcards()) trie_.insert(node.text(), &node);
    ++generation_;
    return node;
}

void TopicTree::drop_if_unused(FilterNode& node) {
    if (!node.unused()) return;
    if (node.has_wildcards_) trie_.erase(node.text());
    ++generation_;
    const auto it = filters_.find(node.text());
    const auto owned = std::move(it->second);  // the key is a view of the node's text
    filters_.erase(it);
}

TopicTree::Added TopicTree::add(const TopicFilter& filter, const Subscription& subscription) {
    FilterNode& node = node_for(filter);
    if (!filter.shared()) return {{&node, nullptr}, put(node.own_, subscription)};

    if (!node.groups_) node.groups_ = std::make_unique<Groups>();
    SharedGroup* group = find_group(node.groups_.get(), filter.group());
    if (group == nullptr) {
        node.groups_->push_back(std::make_unique<SharedGroup>());
        group = node.groups_->back().get();
        group->name = filter.group();
    }
    return {{&node, group}, put(group->members, subscription)};
}

bool TopicTree::remove(FilterHandle handle, SubscriberId subscriber) {
    FilterNode& node = *handle.node;
    if (!take(handle.group != nullptr ? handle.group->members : node.own_, subscriber))
        return false;
    if (handle.group != nullptr && handle.group->members.empty()) {
        std::erase_if(*node.groups_,
                      [&](const auto& group) { return group.get() == handle.group; });
        if (node.groups_->empty()) node.groups_.reset();
    }
    drop_if_unused(node);
    return true;
}

std::optional<FilterHandle> TopicTree::find(const TopicFilter& filter) const {
    const auto it = filters_.find(filter.filter());
    if (it == filters_.end()) return std::nullopt;
    FilterNode& node = *it->second;
    if (!filter.shared()) return FilterHandle{&node, nullptr};
    SharedGroup* group = find_group(node.groups_.get(), filter.group());
    if (group == nullptr) return std::nullopt;
    return FilterHandle{&node, group};
}

const Subscription* TopicTree::find(FilterHandle handle, SubscriberId subscriber) const {
    const Subscriptions& list = handle.group != nullptr ? handle.group->members : handle.node->own_;
    const auto at = place_of(list, subscriber);
    return at != list.end() && at->subscriber == subscriber ? &*at : nullptr;
}

std::string TopicTree::text_of(FilterHandle handle) const {
    if (handle.group == nullptr) return std::string(handle.node->text());
    return std::string(TopicFilter::kShare) + handle.group->name + '/' +
           std::string(handle.node->text());
}

void TopicTree::find_filters(std::string_view topic, std::vector<FilterNode*>& out) {
    out.clear();
    if (const auto it = filters_.find(topic); it != filters_.end()) {
        out.push_back(it->second.get());
    }
    trie_.match(topic, out);
}

// Two rows may hold a topic.  It gets one when it is seen for the second time: a topic that is used
// once (a presence event, a reply) leaves nothing but its hash.
TopicTree::CacheRow* TopicTree::cached(std::string_view topic, std::size_t hash) {
    if (cache_.empty()) cache_.resize(cache_slots_);
    CacheRow* const rows[] = {&cache_[hash & (cache_slots_ - 1)],
                              &cache_[(hash ^ 1) & (cache_slots_ - 1)]};
    CacheRow* found = nullptr;
    for (CacheRow* row : rows) {
        if (row->topic == topic) found = row;
    }
    if (found == nullptr) {
        found = rows[hash >> 32 & 1];
        if (std::exchange(found->candidate, hash) != hash) return nullptr;
        found->topic = topic;
        found->generation = 0;
    }
    if (found->generation != generation_) {
        find_filters(topic, found->nodes);
        found->generation = generation_;
    }
    return found;
}

std::span<FilterNode* const> TopicTree::match(std::string_view topic) {
    if (const CacheRow* row = cached(topic, std::hash<std::string_view>{}(topic))) {
        return row->nodes;
    }
    find_filters(topic, uncached_);
    return uncached_;
}

}  // namespace helio::bridge::mqtt
