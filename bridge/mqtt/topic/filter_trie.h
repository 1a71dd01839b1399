// Finds the wildcard filters that match a topic.
//
// Levels are interned, and the children of all nodes are in one hash table of numbers, keyed by
// (node, level), so that a million filters are a million small rows and a walk touches a few cache
// lines a level.
// The walk keeps a frontier of nodes, not a call stack: a topic of any depth is safe.
#pragma once

#include "base/text_key.h"
#include "bridge/mqtt/topic/filter_ends.h"
#include "bridge/mqtt/topic/level_text.h"

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

namespace helio::bridge::mqtt {

class FilterTrie {
  public:
    FilterTrie();
    FilterTrie(const FilterTrie&) = delete;
    FilterTrie& operator=(const FilterTrie&) = delete;

    // `filter` is valid, has wildcards and is not in the trie.
    void insert(std::string_view filter, FilterNode* node);
    // `filter` is in the trie.
    void erase(std::string_view filter);
    // Appends the nodes whose filters match.
    void match(std::string_view topic, std::vector<FilterNode*>& out) const;

    // AWS: "a/#" does not match "a".
    void keep_hash_below() { hash_matches_parent_ = false; }

    std::size_t node_count() const { return nodes_.size() - free_nodes_.size(); }

  private:
    using NodeId = std::uint32_t;
    using LevelId = std::uint32_t;
    static constexpr NodeId kRoot = 0;
    static constexpr NodeId kNone = 0;  // the root is nobody's child

    struct Node {
        NodeId parent = kNone;
        LevelId level = 0;  // 0: this is the '+' child of its parent
        NodeId plus = kNone;
        std::uint32_t children = 0;
        FilterEnds ends{};
    };
    static_assert(sizeof(Node) == 24);  // a filter may make three of them

    struct Child {
        NodeId parent;
        LevelId level;
        friend bool operator==(const Child&, const Child&) = default;
    };
    // The tables hold numbers only; what these stand for is in nodes_ and levels_.
    struct ByChild {
        using is_transparent = void;
        const std::deque<Node>* nodes;
        Child key(NodeId id) const { return {(*nodes)[id].parent, (*nodes)[id].level}; }
        static Child key(const Child& child) { return child; }
        template <class K>
        std::size_t operator()(const K& k) const {
            const Child c = key(k);
            return (static_cast<std::uint64_t>(c.parent) << 32 | c.level) *
                   std::uint64_t{0x9e37'79b9'7f4a'7c15};
        }
        template <class A, class B>
        bool operator()(const A& a, const B& b) const {
            return key(a) == key(b);
        }
    };
    struct TextOf {
        const std::deque<LevelText>* levels;
        std::string_view operator()(LevelId id) const { return (*levels)[id].text(); }
    };
    using ByText = KeyedByText<TextOf>;

    NodeId child(NodeId parent, LevelId level) const;
    NodeId make_child(NodeId parent, std::string_view level);
    NodeId new_node(NodeId parent, LevelId level);
    LevelId level_id(std::string_view text) const;  // 0: no filter has it
    LevelId use_level(std::string_view text);
    void release_level(LevelId id);
    void prune(NodeId id);

    std::deque<Node> nodes_;
    std::vector<NodeId> free_nodes_;
    std::deque<LevelText> levels_;
    std::vector<LevelId> free_levels_;
    boost::unordered_flat_set<LevelId, ByText, ByText> level_ids_{
        0, ByText{{&levels_}}, ByText{{&levels_}}};
    boost::unordered_flat_set<NodeId, ByChild, ByChild> children_{
        0, ByChild{&nodes_}, ByChild{&nodes_}};
    bool hash_matches_parent_ = true;
    mutable std::vector<NodeId> frontier_;  // kept, so that a match does not allocate
    mutable std::vector<NodeId> next_;
};

}  // namespace helio::bridge::mqtt
