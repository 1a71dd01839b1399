#include "bridge/mqtt/topic/filter_trie.h"

#include "bridge/mqtt/topic/topic_name.h"

#include <cassert>

namespace helio::bridge::mqtt {

FilterTrie::FilterTrie() : nodes_(1), levels_(1) {}

FilterTrie::LevelId FilterTrie::level_id(std::string_view text) const {
    const auto it = level_ids_.find(text);
    return it == level_ids_.end() ? 0 : *it;
}

FilterTrie::LevelId FilterTrie::use_level(std::string_view text) {
    if (const LevelId known = level_id(text); known != 0) {
        ++levels_[known].uses;
        return known;
    }
    LevelId id = static_cast<LevelId>(levels_.size());
    if (free_levels_.empty()) {
        levels_.emplace_back();
    } else {
        id = free_levels_.back();
        free_levels_.pop_back();
    }
    levels_[id] = LevelText(text);
    levels_[id].uses = 1;
    level_ids_.insert(id);
    return id;
}

void FilterTrie::release_level(LevelId id) {
    if (--levels_[id].uses > 0) return;
    level_ids_.erase(id);
    levels_[id] = LevelText();
    free_levels_.push_back(id);
}

FilterTrie::NodeId FilterTrie::child(NodeId parent, LevelId level) const {
    const auto it = children_.find(Child{parent, level});
    return it == children_.end() ? kNone : *it;
}

FilterTrie::NodeId FilterTrie::new_node(NodeId parent, LevelId level) {
    NodeId id = static_cast<NodeId>(nodes_.size());
    if (free_nodes_.empty()) {
        nodes_.emplace_back();
    } else {
        id = free_nodes_.back();
        free_nodes_.pop_back();
    }
    nodes_[id] = {.parent = parent, .level = level};
    ++nodes_[parent].children;
    return id;
}

FilterTrie::NodeId FilterTrie::make_child(NodeId parent, std::string_view level) {
    if (level == "+") {
        if (nodes_[parent].plus == kNone) {
            const NodeId made = new_node(parent, 0);
            nodes_[parent].plus = made;
        }
        return nodes_[parent].plus;
    }
    if (const LevelId known = level_id(level); known != 0) {
        if (const NodeId found = child(parent, known); found != kNone) return found;
    }
    const LevelId id = use_level(level);
    const NodeId made = new_node(parent, id);
    children_.insert(made);
    return made;
}

void FilterTrie::insert(std::string_view filter, FilterNode* node) {
    NodeId at = kRoot;
    std::string_view level;
    for (LevelReader levels(filter); levels.next(level);) {
        if (level == "#") {
            nodes_[at].ends.set_hash(node);
            return;
        }
        at = make_child(at, level);
    }
    nodes_[at].ends.set_here(node);
}

void FilterTrie::erase(std::string_view filter) {
    NodeId at = kRoot;
    std::string_view level;
    for (LevelReader levels(filter); levels.next(level);) {
        if (level == "#") {
            nodes_[at].ends.set_hash(nullptr);
            prune(at);
            return;
        }
        at = level == "+" ? nodes_[at].plus : child(at, level_id(level));
        assert(at != kNone);
    }
    nodes_[at].ends.set_here(nullptr);
    prune(at);
}

// Frees the node and its ancestors as far as they lead to no filter.
void FilterTrie::prune(NodeId id) {
    while (id != kRoot) {
        Node& node = nodes_[id];
        if (!node.ends.empty() || node.children > 0) return;
        const NodeId parent = node.parent;
        if (node.level == 0) {
            nodes_[parent].plus = kNone;
        } else {
            children_.erase(id);
            release_level(node.level);
        }
        --nodes_[parent].children;
        node = {};
        free_nodes_.push_back(id);
        id = parent;
    }
}

void FilterTrie::match(std::string_view topic, std::vector<FilterNode*>& out) const {
    // [MQTT-4.7.2-1]
    bool wildcards_apply = !topic.starts_with('$');
    frontier_.assign(1, kRoot);
    std::string_view level;
    for (LevelReader levels(topic); !frontier_.empty() && levels.next(level);) {
        const LevelId id = level_id(level);
        next_.clear();
        for (const NodeId at : frontier_) {
            const Node& node = nodes_[at];
            if (wildcards_apply) {
                if (FilterNode* const hash = node.ends.hash()) out.push_back(hash);
                if (node.plus != kNone) next_.push_back(node.plus);
            }
            if (id == 0) continue;
            if (const NodeId found = child(at, id); found != kNone) next_.push_back(found);
        }
        wildcards_apply = true;
        frontier_.swap(next_);
    }
    for (const NodeId at : frontier_) {
        const FilterEnds& ends = nodes_[at].ends;
        if (FilterNode* const here = ends.here()) out.push_back(here);
        FilterNode* const hash = hash_matches_parent_ ? ends.hash() : nullptr;
        if (hash != nullptr) out.push_back(hash);  // "a/#" matches "a"
    }
}

}  // namespace helio::bridge::mqtt
