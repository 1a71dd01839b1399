// Who has subscribed to what: exact filters by hash, wildcard filters by a trie, and a bounded
// cache from the topics seen lately to the filters they match.
//
// The tree knows subscribers as numbers only.  What match() answers is valid until the next change.
#pragma once

#include "bridge/mqtt/topic/filter_trie.h"
#include "bridge/mqtt/topic/topic_filter.h"

#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_map.hpp>
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

// Sorted by subscriber.
using Subscriptions = boost::container::small_vector<Subscription, 1>;

struct SharedGroup {
    std::string name;
    std::uint32_t turn = 0;  // whose turn it is, modulo the members
    Subscriptions members;
};

// One filter that somebody has subscribed to.  Lives as long as it has a subscriber.
class FilterNode {
  public:
    FilterNode(std::string_view text, bool has_wildcards)
        : text_(text), has_wildcards_(has_wildcards) {}
    std::string_view text() const { return text_; }
    std::span<const Subscription> subscriptions() const { return {own_.data(), own_.size()}; }
    std::span<const std::unique_ptr<SharedGroup>> groups() const {
        if (!groups_) return {};
        return *groups_;
    }

  private:
    friend class TopicTree;
    bool unused() const { return own_.empty() && !groups_; }

    std::string text_;
    Subscriptions own_;
    std::unique_ptr<std::vector<std::unique_ptr<SharedGroup>>> groups_;
    bool has_wildcards_;
};

// A subscriber's way back to its subscription.
struct FilterHandle {
    FilterNode* node = nullptr;
    SharedGroup* group = nullptr;  // null: not shared
    friend auto operator<=>(const FilterHandle&, const FilterHandle&) = default;
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

    std::size_t filter_count() const { return filters_.size(); }

  private:
    struct CacheRow {
        std::uint64_t generation = 0;
        std::size_t candidate = 0;  // hash of the topic that came last and has no row
        std::string topic;
        std::vector<FilterNode*> nodes;
    };

    FilterNode& node_for(const TopicFilter& filter);
    void drop_if_unused(FilterNode& node);
    CacheRow* cached(std::string_view topic, std::size_t hash);
    void find_filters(std::string_view topic, std::vector<FilterNode*>& out);

    FilterTrie trie_;
    boost::unordered_flat_map<std::string_view, std::unique_ptr<FilterNode>> filters_;
    std::vector<CacheRow> cache_;
    std::size_t cache_slots_;
    std::vector<FilterNode*> uncached_;  // what match() answers where no row is for it
    std::uint64_t generation_ = 1;       // of the set of filters
};

}  // namespace helio::bridge::mqtt
