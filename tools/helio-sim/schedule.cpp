#include "tools/helio-sim/schedule.h"

#include <algorithm>

namespace helio::sim {

void Schedule::at(Instant when, std::function<void()> call) {
    const bool first = heap_.empty() || when < heap_.front().when;
    heap_.push_back({when, made_++, std::move(call)});
    std::ranges::push_heap(heap_, later);
    if (first) timer_.start_at(when);
}

void Schedule::run() {
    const Instant now = loop_.now();
    while (!heap_.empty() && heap_.front().when <= now) {
        std::ranges::pop_heap(heap_, later);
        const auto call = std::move(heap_.back().call);
        heap_.pop_back();
        call();
    }
    if (!heap_.empty()) timer_.start_at(heap_.front().when);
}

}  // namespace helio::sim
