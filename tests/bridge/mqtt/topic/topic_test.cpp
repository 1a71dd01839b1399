#include "bridge/mqtt/topic/topic_filter.h"
#include "bridge/mqtt/topic/topic_name.h"
#include "bridge/mqtt/topic/topic_tree.h"
#include "tests/support/catch.h"

#include <algorithm>
#include <random>
#include <set>

using namespace helio::bridge::mqtt;

namespace {

constexpr std::size_t kLevels = 128;

TopicFilter filter(std::string_view text) { return TopicFilter::parse(text, kLevels).value(); }

std::set<SubscriberId> subscribers(TopicTree& tree, std::string_view topic) {
    std::set<SubscriberId> out;
    for (const FilterNode* node : tree.match(topic)) {
        for (const Subscription& s : node->subscriptions()) out.insert(s.subscriber);
    }
    return out;
}

}  // namespace

TEST_CASE("a filter is valid where its wildcards stand alone and '#' stands last",
          "[mqtt][topic]") {
    struct Case {
        std::string text;
        std::optional<FilterError> error;
    };
    // clang-format off
    const Case cases[] = {
        {"a", {}}, {"#", {}}, {"+", {}}, {"/", {}}, {"+/+", {}}, {"/+", {}}, {"a/#", {}}, {"+/tennis/#", {}},
        {"a//b", {}}, {"$SYS/#", {}}, {"$share/g/a/+", {}}, {"\xc3\xa9/+", {}},
        {"", FilterError::empty},
        {"a#", FilterError::hash_not_alone}, {"a/b#", FilterError::hash_not_alone},
        {"#/a", FilterError::hash_not_last}, {"a/#/b", FilterError::hash_not_last},
        {"a+", FilterError::plus_not_alone}, {"a/+b/c", FilterError::plus_not_alone},
        {"a\xff", FilterError::not_utf8}, {std::string("a\0b", 3), FilterError::not_utf8},
        {"$share/", FilterError::bad_share}, {"$share/g", FilterError::bad_share}, {"$share/g/", FilterError::bad_share},
        {"$share//a", FilterError::bad_share}, {"$share/+/a", FilterError::bad_share}, {"$share/g#/a", FilterError::bad_share},
        {std::string(127, '/'), {}}, {std::string(128, '/'), FilterError::too_deep}, {std::string(65'000, '/'), FilterError::too_deep},
    };
    // clang-format on
    for (const Case& c : cases) {
        INFO(c.text.substr(0, 60));
        const auto parsed = TopicFilter::parse(c.text, kLevels);
        CHECK(parsed.has_value() == !c.error.has_value());
        if (c.error) CHECK((!parsed && parsed.error() == *c.error));
    }
    CHECK(filter("$share/g/a/+").group() == "g");
    CHECK(filter("$share/g/a/+").filter() == "a/+");
    CHECK_FALSE(filter("$shared/a").shared());
}

TEST_CASE("filters match topics as section 4.7 says, in the tree and one by one", "[mqtt][topic]") {
    struct Case {
        const char* filter;
        const char* topic;
        bool matches;
    };
    // clang-format off
    const Case cases[] = {
        {"sport/tennis/player1/#", "sport/tennis/player1", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
        {"sport/#", "sport", true},
        {"#", "a/b/c", true},
        {"sport/tennis/+", "sport/tennis/player1", true},
        {"sport/tennis/+", "sport/tennis/player1/ranking", false},
        {"sport/+", "sport", false},
        {"sport/+", "sport/", true},
        {"+/+", "/finance", true},
        {"/+", "/finance", true},
        {"+", "/finance", false},
        {"#", "$SYS/uptime", false},
        {"+/monitor/Clients", "$SYS/monitor/Clients", false},
        {"$SYS/#", "$SYS/uptime", true},
        {"$SYS/monitor/+", "$SYS/monitor/Clients", true},
        {"a/+/#", "a", false},
        {"a/+/#", "a/b", true},
        {"a/+/c", "a//c", true},
        {"ACCOUNTS", "Accounts", false},
        {"a", "a/", false},
        {"a/b", "a/b", true},
    };
    // clang-format on
    for (const Case& c : cases) {
        INFO(c.filter << " and " << c.topic);
        TopicTree tree;
        tree.add(filter(c.filter), {.subscriber = 7});
        CHECK(subscribers(tree, c.topic).contains(7) == c.matches);
        CHECK(matches(c.filter, c.topic) == c.matches);
    }
}

TEST_CASE("the tree agrees with the plain rule under random change", "[mqtt][topic]") {
    std::mt19937 random(7);
    const auto level = [&](bool wild) -> std::string {
        const unsigned pick = random() % (wild ? 6 : 4);
        return pick == 5 ? "+" : pick == 4 ? "+" : std::string(1, "ab$c"[pick]);
    };
    const auto text = [&](bool wild) {
        std::string out = level(wild);
        for (unsigned i = random() % 4; i-- > 0;) out += '/' + level(wild);
        if (wild && random() % 4 == 0) out += "/#";
        return out;
    };
    TopicTree tree(16);
    std::set<std::pair<std::string, SubscriberId>> model;
    for (int step = 0; step < 4'000; ++step) {
        if (!model.empty() && random() % 3 == 0) {
            auto it = model.begin();
            std::advance(it, random() % model.size());
            const auto handle = tree.find(filter(it->first));
            REQUIRE(handle);
            CHECK(tree.remove(*handle, it->second));
            model.erase(it);
        } else {
            const std::string f = text(true);
            const SubscriberId who = random() % 5;
            CHECK(tree.add(filter(f), {.subscriber = who}).is_new == model.emplace(f, who).second);
        }
        const std::string topic = text(false);
        std::set<SubscriberId> expected;
        for (const auto& [f, who] : model) {
            if (matches(f, topic)) expected.insert(who);
        }
        INFO(topic);
        REQUIRE(subscribers(tree, topic) == expected);
    }
    for (const auto& [f, who] : model) tree.remove(*tree.find(filter(f)), who);
    CHECK(tree.filter_count() == 0);
}

TEST_CASE("a topic of 65,000 slashes is matched without a deep stack", "[mqtt][topic]") {
    TopicTree tree;
    tree.add(filter("#"), {.subscriber = 1});
    tree.add(filter("+/+/+"), {.subscriber = 2});
    CHECK(subscribers(tree, std::string(65'000, '/')) == std::set<SubscriberId>{1});
}

TEST_CASE("a cached topic sees a filter that came or went after it was cached", "[mqtt][topic]") {
    TopicTree tree;
    tree.add(filter("a/+"), {.subscriber = 1});
    CHECK(subscribers(tree, "a/b") == std::set<SubscriberId>{1});
    const auto exact = tree.add(filter("a/b"), {.subscriber = 2});
    CHECK(subscribers(tree, "a/b") == std::set<SubscriberId>{1, 2});
    tree.remove(exact.handle, 2);
    CHECK(subscribers(tree, "a/b") == std::set<SubscriberId>{1});
}

TEST_CASE("members of a shared group stand apart from plain subscribers", "[mqtt][topic]") {
    TopicTree tree;
    tree.add(filter("a"), {.subscriber = 1});
    const auto one = tree.add(filter("$share/g/a"), {.subscriber = 2});
    tree.add(filter("$share/g/a"), {.subscriber = 3});
    const auto nodes = tree.match("a");
    REQUIRE(nodes.size() == 1);
    CHECK(nodes[0]->subscriptions().size() == 1);
    REQUIRE(nodes[0]->groups().size() == 1);
    CHECK(nodes[0]->groups()[0]->members.view().size() == 2);
    CHECK(tree.text_of(one.handle) == "$share/g/a");
    CHECK(tree.remove(one.handle, 2));
    CHECK_FALSE(tree.remove(one.handle, 2));
}

TEST_CASE("a topic name has one level more than slashes", "[mqtt][topic]") {
    CHECK(level_count("a") == 1);
    CHECK(level_count("/") == 2);
    CHECK(level_count("a//b") == 3);
}
