// Finds the wildcard filters that match a topic.
//
// Levels are interned, and the children of all nodes are in one hash table keyed by (node, level),
// so that a million filters are a million small rows and a walk touches a few cache lines a level.
// The walk keeps a frontier of nodes, not a call stack: a topic of any depth is safe.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::mqtt {

class FilterNode;

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
        FilterNode* here = nullptr;
        FilterNode* hash = nullptr;
    };
    struct Level {
        std::string text;
        std::uint32_t uses = 0;
    };

    static std::uint64_t key(NodeId parent, LevelId level) {
        return static_cast<std::uint64_t>(parent) << 32 | level;
    }
    NodeId child(NodeId parent, LevelId level) const;
    NodeId make_child(NodeId parent, std::string_view level);
    NodeId new_node(NodeId parent, LevelId level);
    LevelId level_id(std::string_view text) const;  // 0: no filter has it
    LevelId use_level(std::string_view text);
    void release_level(LevelId id);
    void prune(NodeId id);

    std::vector<Node> nodes_;
    std::vector<NodeId> free_nodes_;
    std::deque<Level> levels_;  // stable: level_ids_ points into the texts
    std::vector<LevelId> free_levels_;
    boost::unordered_flat_map<std::string_view, LevelId> level_ids_;
    boost::unordered_flat_map<std::uint64_t, NodeId> children_;
    mutable std::vector<NodeId> frontier_;  // kept, so that a match does not allocate
    mutable std::vector<NodeId> next_;
};

}  // namespace helio::bridge::mqtt
