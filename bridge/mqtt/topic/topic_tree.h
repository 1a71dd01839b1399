// Who has subscribed to what: exact filters by hash, wildcard filters by a trie, and a bounded
// cache from the topics seen lately to the filters they match.
//
// The tree knows subscribers as numbers only.  What match() answers is valid until the next change.
#pragma once

#include "base/text_key.h"
#include "bridge/mqtt/topic/filter_trie.h"
#include "bridge/mqtt/topic/shared_filter.h"
#include "bridge/mqtt/topic/topic_filter.h"

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::mqtt {

using SubscriberId = std::uint32_t;

struct Subscription {
    SubscriberId subscriber = 0;
    std::uint32_t identifier = 0;  // subscription identifier; 0: none
    std::uint8_t options = 0;      // to_byte(SubscribeOptions)
};

// Sorted by subscriber, each once.
class Subscriptions {
  public:
    std::span<const Subscription> view() const { return all_; }
    bool empty() const { return all_.empty(); }
    // Whether the subscriber was not there before.
    bool put(const Subscription& subscription);
    // False where it was not there.
    bool take(SubscriberId subscriber);
    void clear() { all_ = {}; }

  private:
    std::vector<Subscription> all_;
};

class FilterNode;

struct SharedGroup {
    FilterNode* node;
    std::string name;
    SharedFilterPtr filter;
    std::uint32_t turn = 0;  // whose turn it is, modulo the members
    Subscriptions members;
};

// One filter that somebody has subscribed to.  Lives as long as it has a subscriber.
// Its text lies behind it in the same allocation, and a single subscriber, as most filters have,
// in it: there may be millions.
class FilterNode {
  public:
    static FilterNode* make(std::string_view text, bool has_wildcards);
    static void free(FilterNode* node);
    std::string_view text() const { return {reinterpret_cast<const char*>(this + 1), size_}; }
    std::span<const Subscription> subscriptions() const {
        if (more_ && !more_->many.empty()) return more_->many.view();
        return {&one_, one_.subscriber == kNobody ? std::size_t{0} : std::size_t{1}};
    }
    std::span<const std::unique_ptr<SharedGroup>> groups() const {
        if (!more_) return {};
        return more_->groups;
    }

  private:
    friend class TopicTree;
    struct More {
        Subscriptions many;                                // all, where there are two or more
        std::vector<std::unique_ptr<SharedGroup>> groups;  // sorted by name
    };
    static constexpr SubscriberId kNobody = 0xffff'ffff;

    FilterNode(std::size_t size, bool has_wildcards)
        : size_(static_cast<std::uint16_t>(size)), has_wildcards_(has_wildcards) {}
    ~FilterNode() = default;
    More& more();
    bool put(const Subscription& subscription);
    bool take(SubscriberId subscriber);
    SharedGroup* find_group(std::string_view name) const;
    SharedGroup& group(std::string_view name);
    void drop_group(const SharedGroup& group);
    void drop_more_if_unused();
    bool unused() const { return one_.subscriber == kNobody && !more_; }

    Subscription one_{.subscriber = kNobody};
    std::uint16_t size_;  // a filter has at most 65,535 bytes
    bool has_wildcards_;
    std::unique_ptr<More> more_;
};

// A subscriber's way back to its subscription: eight bytes, because a client may have thousands.
class FilterHandle {
  public:
    FilterHandle() = default;
    explicit FilterHandle(FilterNode& node) : value_(reinterpret_cast<std::uintptr_t>(&node)) {}
    explicit FilterHandle(SharedGroup& group)
        : value_(reinterpret_cast<std::uintptr_t>(&group) | kShared) {}

    // Null: not shared.
    SharedGroup* group() const {
        return (value_ & kShared) == 0 ? nullptr
                                       : reinterpret_cast<SharedGroup*>(value_ & ~kShared);
    }
    FilterNode& node() const {
        return group() != nullptr ? *group()->node : *reinterpret_cast<FilterNode*>(value_);
    }
    friend auto operator<=>(const FilterHandle&, const FilterHandle&) = default;

  private:
    static constexpr std::uintptr_t kShared = 1;  // in the bit that an address leaves free
    std::uintptr_t value_ = 0;
};

class TopicTree {
  public:
    explicit TopicTree(std::size_t cache_slots = 32'768);  // rounded up to a power of two
    ~TopicTree();
    TopicTree(const TopicTree&) = delete;
    TopicTree& operator=(const TopicTree&) = delete;

    struct Added {
        FilterHandle handle;
        bool is_new;  // false: the subscriber had it, and its options were replaced
    };
    Added add(const TopicFilter& filter, const Subscription& subscription);
    // False where the subscriber did not have it.
    bool remove(FilterHandle handle, SubscriberId subscriber);
    std::optional<FilterHandle> find(const TopicFilter& filter) const;
    const Subscription* find(FilterHandle handle, SubscriberId subscriber) const;
    // As the client wrote it, with $share.
    std::string text_of(FilterHandle handle) const;

    // The filters that match, each once.
    std::span<FilterNode* const> match(std::string_view topic);

    void keep_hash_below() { trie_.keep_hash_below(); }

    std::size_t filter_count() const { return filters_.size(); }
    // Shared subscriptions; and how many clients one has.
    std::size_t group_count() const { return groups_; }
    static std::size_t member_count(FilterHandle handle) {
        return handle.group()->members.view().size();
    }

  private:
    struct CacheRow {
        std::uint64_t generation = 0;
        std::size_t candidate = 0;  // hash of the topic that came last and has no row
        std::string topic;
        std::vector<FilterNode*> nodes;
    };

    struct TextOf {
        std::string_view operator()(const FilterNode* node) const { return node->text(); }
    };
    using ByText = KeyedByText<TextOf>;

    FilterNode& node_for(const TopicFilter& filter);
    void drop_if_unused(FilterNode& node);
    CacheRow* cached(std::string_view topic, std::size_t hash);
    void find_filters(std::string_view topic, std::vector<FilterNode*>& out);

    FilterTrie trie_;
    boost::unordered_flat_set<FilterNode*, ByText, ByText> filters_;  // owned
    std::vector<CacheRow> cache_;
    std::size_t cache_slots_;
    std::vector<FilterNode*> uncached_;  // what match() answers where no row is for it
    std::uint64_t generation_ = 1;       // of the set of filters
    std::size_t groups_ = 0;
};

}  // namespace helio::bridge::mqtt
