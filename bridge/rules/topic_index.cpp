#include "bridge/rules/topic_index.h"

#include <algorithm>
#include <optional>

namespace helio::bridge::rules {
namespace {

// The first level of `rest`, which is left with what is behind it; absent where nothing is left.
std::optional<std::string_view> take_level(std::optional<std::string_view>& rest) {
    if (!rest) return std::nullopt;
    const std::size_t slash = rest->find('/');
    const std::string_view level = rest->substr(0, slash);
    if (slash == rest->npos) {
        rest.reset();
    } else {
        rest->remove_prefix(slash + 1);
    }
    return level;
}

}  // namespace

// A level of filters.  `children` is sorted by level; "+" is a child of its own.
struct TopicIndex::Node {
    struct Child {
        std::string level;
        std::unique_ptr<Node> node;
    };
    std::vector<Child> children;
    std::unique_ptr<Node> plus;
    std::vector<CompiledRule*> here;
    std::vector<CompiledRule*> below;  // filters that end in '#' at this place

    std::vector<Child>::iterator lower_bound(std::string_view level) {
        return std::ranges::lower_bound(
            children, level, {}, [](const Child& child) { return std::string_view(child.level); });
    }
    Node* find(std::string_view level) {
        const auto at = lower_bound(level);
        return at != children.end() && at->level == level ? at->node.get() : nullptr;
    }
    Node& get(std::string_view level) {
        if (level == "+") {
            if (!plus) plus = std::make_unique<Node>();
            return *plus;
        }
        if (Node* known = find(level)) return *known;
        return *children.insert(lower_bound(level), {std::string(level), std::make_unique<Node>()})
                    ->node;
    }
    bool is_empty() const { return children.empty() && !plus && here.empty() && below.empty(); }

    // `rest` is the topic from this place on; absent behind its last level.
    void match(std::optional<std::string_view> rest, bool first, std::vector<CompiledRule*>& out) {
        if (!rest) {
            out.insert(out.end(), here.begin(), here.end());
            return;
        }
        const bool wildcards = !first || !rest->starts_with('$');
        if (wildcards) out.insert(out.end(), below.begin(), below.end());
        const auto level = *take_level(rest);
        if (Node* child = find(level)) child->match(rest, false, out);
        if (plus && wildcards) plus->match(rest, false, out);
    }

    // Erases and leaves no empty nodes behind.
    void erase(std::optional<std::string_view> rest, const CompiledRule* rule) {
        if (!rest || *rest == "#") {
            std::erase(rest ? below : here, rule);
            return;
        }
        const auto level = *take_level(rest);
        if (level == "+") {
            if (!plus) return;
            plus->erase(rest, rule);
            if (plus->is_empty()) plus.reset();
            return;
        }
        const auto at = lower_bound(level);
        if (at == children.end() || at->level != level) return;
        at->node->erase(rest, rule);
        if (at->node->is_empty()) children.erase(at);
    }
};

TopicIndex::TopicIndex() : root_(std::make_unique<Node>()) {}
TopicIndex::~TopicIndex() = default;

void TopicIndex::insert(std::string_view filter, CompiledRule* rule) {
    Node* node = root_.get();
    std::optional<std::string_view> rest = filter;
    while (rest && *rest != "#") node = &node->get(*take_level(rest));
    (rest ? node->below : node->here).push_back(rule);
}

void TopicIndex::erase(std::string_view filter, const CompiledRule* rule) {
    root_->erase(filter, rule);
}

void TopicIndex::match(std::string_view topic, std::vector<CompiledRule*>& out) const {
    root_->match(topic, true, out);
}

bool matches_topic(std::string_view filter, std::string_view topic) {
    if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#')))
        return false;
    std::optional<std::string_view> levels = topic;
    std::optional<std::string_view> rest = filter;
    while (rest && levels) {
        if (*rest == "#") return true;
        const auto wanted = *take_level(rest);
        const auto level = *take_level(levels);
        if (wanted != "+" && wanted != level) return false;
    }
    return !rest && !levels;
}

}  // namespace helio::bridge::rules
