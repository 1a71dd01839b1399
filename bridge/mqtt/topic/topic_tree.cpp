#include "bridge/mqtt/topic/topic_tree.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <new>
#include <utility>

namespace helio::bridge::mqtt {
namespace {

bool before_subscriber(const Subscription& s, SubscriberId id) { return s.subscriber < id; }

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
TopicTree::~TopicTree() {
    for (FilterNode* node : filters_) FilterNode::free(node);
}

FilterNode* FilterNode::make(std::string_view text, bool has_wildcards) {
    void* const place = ::operator new(sizeof(FilterNode) + text.size());
    auto* const node = new (place) FilterNode(text.size(), has_wildcards);
    std::copy(text.begin(), text.end(), reinterpret_cast<char*>(node + 1));
    return node;
}

void FilterNode::free(FilterNode* node) {
    node->~FilterNode();
    ::operator delete(node);
}

bool Subscriptions::put(const Subscription& subscription) {
    if (empty()) {
        one_ = subscription;
        return true;
    }
    if (!many_) {
        if (one_.subscriber == subscription.subscriber) {
            one_ = subscription;
            return false;
        }
        many_ = std::make_unique<std::vector<Subscription>>(1, one_);
    }
    const auto at =
        std::lower_bound(many_->begin(), many_->end(), subscription.subscriber, before_subscriber);
    const bool had = at != many_->end() && at->subscriber == subscription.subscriber;
    if (had) {
        *at = subscription;
    } else {
        many_->insert(at, subscription);
    }
    one_ = many_->front();
    return !had;
}

bool Subscriptions::take(SubscriberId subscriber) {
    if (!many_) {
        if (empty() || one_.subscriber != subscriber) return false;
        one_.subscriber = kNobody;
        return true;
    }
    const auto at = std::lower_bound(many_->begin(), many_->end(), subscriber, before_subscriber);
    if (at == many_->end() || at->subscriber != subscriber) return false;
    many_->erase(at);
    one_ = many_->front();
    if (many_->size() == 1) many_.reset();
    return true;
}

const Subscription* Subscriptions::find(SubscriberId subscriber) const {
    const auto all = view();
    const auto at = std::lower_bound(all.begin(), all.end(), subscriber, before_subscriber);
    return at != all.end() && at->subscriber == subscriber ? &*at : nullptr;
}

FilterNode& TopicTree::node_for(const TopicFilter& filter) {
    const auto it = filters_.find(filter.filter());
    if (it != filters_.end()) return **it;
    FilterNode& node = *FilterNode::make(filter.filter(), filter.has_wildcards());
    filters_.insert(&node);
    if (filter.has_wildcards()) trie_.insert(node.text(), &node);
    ++generation_;
    return node;
}

void TopicTree::drop_if_unused(FilterNode& node) {
    if (!node.unused()) return;
    if (node.has_wildcards_) trie_.erase(node.text());
    ++generation_;
    filters_.erase(&node);
    FilterNode::free(&node);
}

TopicTree::Added TopicTree::add(const TopicFilter& filter, const Subscription& subscription) {
    FilterNode& node = node_for(filter);
    if (!filter.shared()) return {{&node, nullptr}, node.own_.put(subscription)};

    if (!node.groups_) node.groups_ = std::make_unique<Groups>();
    SharedGroup* group = find_group(node.groups_.get(), filter.group());
    if (group == nullptr) {
        node.groups_->push_back(std::make_unique<SharedGroup>());
        group = node.groups_->back().get();
        group->name = filter.group();
        ++groups_;
    }
    return {{&node, group}, group->members.put(subscription)};
}

bool TopicTree::remove(FilterHandle handle, SubscriberId subscriber) {
    FilterNode& node = *handle.node;
    Subscriptions& list = handle.group != nullptr ? handle.group->members : node.own_;
    if (!list.take(subscriber)) return false;
    if (handle.group != nullptr && handle.group->members.empty()) {
        std::erase_if(*node.groups_,
                      [&](const auto& group) { return group.get() == handle.group; });
        --groups_;
        if (node.groups_->empty()) node.groups_.reset();
    }
    drop_if_unused(node);
    return true;
}

std::optional<FilterHandle> TopicTree::find(const TopicFilter& filter) const {
    const auto it = filters_.find(filter.filter());
    if (it == filters_.end()) return std::nullopt;
    FilterNode& node = **it;
    if (!filter.shared()) return FilterHandle{&node, nullptr};
    SharedGroup* group = find_group(node.groups_.get(), filter.group());
    if (group == nullptr) return std::nullopt;
    return FilterHandle{&node, group};
}

const Subscription* TopicTree::find(FilterHandle handle, SubscriberId subscriber) const {
    return (handle.group != nullptr ? handle.group->members : handle.node->own_).find(subscriber);
}

std::string TopicTree::text_of(FilterHandle handle) const {
    if (handle.group == nullptr) return std::string(handle.node->text());
    return std::string(TopicFilter::kShare) + handle.group->name + '/' +
           std::string(handle.node->text());
}

void TopicTree::find_filters(std::string_view topic, std::vector<FilterNode*>& out) {
    out.clear();
    if (const auto it = filters_.find(topic); it != filters_.end()) {
        out.push_back(*it);
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
