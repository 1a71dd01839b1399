// Finds the rules whose topic filters match a topic.
//
// As AWS documents it for rules: 'a/#' matches topics below `a`, not `a` itself.  Filters that
// begin with a wildcard match no topic that begins with '$' (MQTT 5, 4.7.2).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::rules {

struct CompiledRule;

class TopicIndex {
  public:
    TopicIndex();
    ~TopicIndex();
    TopicIndex(const TopicIndex&) = delete;
    TopicIndex& operator=(const TopicIndex&) = delete;

    void insert(std::string_view filter, CompiledRule* rule);
    void erase(std::string_view filter, const CompiledRule* rule);
    // Appends to `out`, each rule once.
    void match(std::string_view topic, std::vector<CompiledRule*>& out) const;

  private:
    struct Node;
    std::unique_ptr<Node> root_;
};

// One filter against one topic, by the same rules.
bool matches_topic(std::string_view filter, std::string_view topic);

}  // namespace helio::bridge::rules
