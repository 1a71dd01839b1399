#include "bridge/mqtt/topic/topic_filter.h"
#include "bridge/mqtt/topic/topic_name.h"
#include "bridge/mqtt/topic/topic_tree.h"
#include "tests/fuzz/property.h"

#include <algorithm>
#include <vector>

using namespace helio::bridge::mqtt;

// Lines of the input are filters, the last one is a topic: the tree finds exactly the filters that
// the plain rule finds, also after half of them have gone.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    std::vector<TopicFilter> filters;
    for (std::size_t end = rest.find('\n'); end != std::string_view::npos && filters.size() < 64;
         end = rest.find('\n')) {
        auto filter = TopicFilter::parse(rest.substr(0, end), 128);
        if (filter && !filter->shared() && std::ranges::find(filters, *filter) == filters.end()) {
            filters.push_back(std::move(*filter));
        }
        rest.remove_prefix(end + 1);
    }
    if (check_topic_name(rest) != TopicCheck::ok) return 0;

    TopicTree tree(4);
    for (std::size_t i = 0; i < filters.size(); ++i) {
        tree.add(filters[i], {.subscriber = static_cast<SubscriberId>(i)});
    }
    const auto check = [&](std::size_t from) {
        std::vector<SubscriberId> found;
        for (const FilterNode* node : tree.match(rest)) {
            for (const Subscription& s : node->subscriptions()) found.push_back(s.subscriber);
        }
        std::ranges::sort(found);
        std::vector<SubscriberId> expected;
        for (std::size_t i = from; i < filters.size(); ++i) {
            if (matches(filters[i].filter(), rest)) {
                expected.push_back(static_cast<SubscriberId>(i));
            }
        }
        helio::fuzz::require(found == expected);
    };
    check(0);
    const std::size_t half = filters.size() / 2;
    for (std::size_t i = 0; i < half; ++i) {
        helio::fuzz::require(tree.remove(*tree.find(filters[i]), static_cast<SubscriberId>(i)));
    }
    check(half);
    return 0;
}
