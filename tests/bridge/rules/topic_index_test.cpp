#include "bridge/rules/topic_index.h"

#include "bridge/rules/compiled_rule.h"
#include "tests/support/catch.h"

#include <array>

using namespace helio::bridge::rules;

namespace {

struct Row {
    const char* filter;
    const char* topic;
    bool matches;
};

// The documentation's examples, and the corners of MQTT's section 4.7.
constexpr Row kRows[] = {
    {"topic", "topic", true},
    {"topic", "topic/a", false},
    {"topic/#", "topic/a", true},
    {"topic/#", "topic/a/b", true},
    {"topic/#", "topic", false},
    {"topic/#", "topic-2/x", false},
    {"topic/#", "topic/", true},
    {"#", "a", true},
    {"#", "a/b/c", true},
    {"#", "$aws/events/x", false},
    {"+/events/x", "$aws/events/x", false},
    {"$aws/events/#", "$aws/events/x", true},
    {"+", "a", true},
    {"+", "", true},
    {"+", "a/b", false},
    {"+/+", "/", true},
    {"/+", "/a", true},
    {"+", "/a", false},
    {"a/+/c", "a/b/c", true},
    {"a/+/c", "a//c", true},
    {"a/+/c", "a/b/d", false},
    {"a/+", "a", false},
    {"a/+/#", "a/b", false},
    {"a/+/#", "a/b/c/d", true},
    {"a//b", "a//b", true},
    {"a/", "a", false},
};

}  // namespace

TEST_CASE("a rule's filter matches topics as the documentation says", "[rules]") {
    for (const Row& row : kRows) {
        CAPTURE(row.filter, row.topic);
        CHECK(matches_topic(row.filter, row.topic) == row.matches);
        CompiledRule rule;
        TopicIndex index;
        index.insert(row.filter, &rule);
        std::vector<CompiledRule*> found;
        index.match(row.topic, found);
        CHECK(found.size() == (row.matches ? 1 : 0));
        index.erase(row.filter, &rule);
        found.clear();
        index.match(row.topic, found);
        CHECK(found.empty());
    }
}

TEST_CASE("of many rules the index finds those that match, each once", "[rules]") {
    std::array<CompiledRule, std::size(kRows)> rules;
    TopicIndex index;
    for (std::size_t i = 0; i < rules.size(); ++i) index.insert(kRows[i].filter, &rules[i]);
    for (const Row& row : kRows) {
        CAPTURE(row.topic);
        std::vector<CompiledRule*> found;
        index.match(row.topic, found);
        std::size_t expected = 0;
        for (std::size_t i = 0; i < rules.size(); ++i) {
            const bool matches = matches_topic(kRows[i].filter, row.topic);
            expected += matches ? 1 : 0;
            CHECK(std::count(found.begin(), found.end(), &rules[i]) == (matches ? 1 : 0));
        }
        CHECK(found.size() == expected);
    }
}
