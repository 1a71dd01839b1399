#include "bridge/mqtt/topic/topic_tree.h"

#include <algorithm>
#include <bit>
#include <functional>
#include <new>
#include <utility>

namespace helio::bridge::mqtt {
namespace {

bool before_subscriber(const Subscription& s, SubscriberId id) { return s.subscriber < id; }

bool before_name(const std::unique_ptr<SharedGroup>& group, std::string_view name) {
    return group->name < name;
}

const Subscription* find_in(std::span<const Subscription> all, SubscriberId subscriber) {
    const auto at = std::lower_bound(all.begin(), all.end(), subscriber, before_subscriber);
    return at != all.end() && at->subscriber == subscriber ? &*at : nullptr;
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
    const auto at =
        std::lower_bound(all_.begin(), all_.end(), subscription.subscriber, before_subscriber);
    const bool had = at != all_.end() && at->subscriber == subscription.subscriber;
    if (had) {
        *at = subscription;
    } else {
        all_.insert(at, subscription);
    }
    return !had;
}

bool Subscriptions::take(SubscriberId subscriber) {
    const auto at = std::lower_bound(all_.begin(), all_.end(), subscriber, before_subscriber);
    if (at == all_.end() || at->subscriber != subscriber) return false;
    all_.erase(at);
    return true;
}

FilterNode::More& FilterNode::more() {
    if (!more_) more_ = std::make_unique<More>();
    return *more_;
}

void FilterNode::drop_more_if_unused() {
    if (more_ && more_->many.empty() && more_->groups.empty()) more_.reset();
}

bool FilterNode::put(const Subscription& subscription) {
    if (more_ && !more_->many.empty()) return more_->many.put(subscription);
    const bool is_new = one_.subscriber != subscription.subscriber;
    if (is_new && one_.subscriber != kNobody) {
        more().many.put(one_);
        more_->many.put(subscription);
        return true;
    }
    one_ = subscription;
    return is_new;
}

bool FilterNode::take(SubscriberId subscriber) {
    if (more_ && !more_->many.empty()) {
        if (!more_->many.take(subscriber)) return false;
        if (more_->many.view().size() > 1) return true;
        one_ = more_->many.view().front();
        more_->many.clear();
        drop_more_if_unused();
        return true;
    }
    if (one_.subscriber != subscriber) return false;
    one_.subscriber = kNobody;
    return true;
}

SharedGroup* FilterNode::find_group(std::string_view name) const {
    const auto all = groups();
    const auto at = std::lower_bound(all.begin(), all.end(), name, before_name);
    return at != all.end() && (*at)->name == name ? at->get() : nullptr;
}

SharedGroup& FilterNode::group(std::string_view name) {
    if (SharedGroup* known = find_group(name)) return *known;
    auto& all = more().groups;
    const auto at = std::lower_bound(all.begin(), all.end(), name, before_name);
    std::string filter = std::string(TopicFilter::kShare) + std::string(name) + '/';
    filter += text();
    auto group =
        std::make_unique<SharedGroup>(SharedGroup{.node = this,
                                                  .name = std::string(name),
                                                  .filter = SharedFilter::of(std::move(filter)),
                                                  .members = {}});
    return **all.insert(at, std::move(group));
}

void FilterNode::drop_group(const SharedGroup& group) {
    auto& all = more_->groups;
    all.erase(std::lower_bound(all.begin(), all.end(), group.name, before_name));
    drop_more_if_unused();
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
    if (!filter.shared()) return {FilterHandle(node), node.put(subscription)};
    SharedGroup& group = node.group(filter.group());
    if (group.members.empty()) ++groups_;
    return {FilterHandle(group), group.members.put(subscription)};
}

bool TopicTree::remove(FilterHandle handle, SubscriberId subscriber) {
    FilterNode& node = handle.node();
    SharedGroup* const group = handle.group();
    if (!(group != nullptr ? group->members.take(subscriber) : node.take(subscriber))) return false;
    if (group != nullptr && group->members.empty()) {
        node.drop_group(*group);
        --groups_;
    }
    drop_if_unused(node);
    return true;
}

std::optional<FilterHandle> TopicTree::find(const TopicFilter& filter) const {
    const auto it = filters_.find(filter.filter());
    if (it == filters_.end()) return std::nullopt;
    if (!filter.shared()) return FilterHandle(**it);
    SharedGroup* group = (*it)->find_group(filter.group());
    if (group == nullptr) return std::nullopt;
    return FilterHandle(*group);
}

const Subscription* TopicTree::find(FilterHandle handle, SubscriberId subscriber) const {
    const SharedGroup* const group = handle.group();
    return find_in(group != nullptr ? group->members.view() : handle.node().subscriptions(),
                   subscriber);
}

std::string TopicTree::text_of(FilterHandle handle) const {
    if (const SharedGroup* group = handle.group()) return group->filter->text();
    return std::string(handle.node().text());
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
