#include "bridge/mqtt/session/strict_rates.h"

#include <chrono>

namespace helio::bridge::mqtt {
namespace {

constexpr std::chrono::seconds kSecond{1};

}  // namespace

bool OnceASecond::take(std::string_view key, Instant now) {
    while (!order_.empty() && now - order_.front().at >= kSecond) {
        taken_.erase(order_.front().key);
        order_.pop_front();
    }
    if (!taken_.try_emplace(std::string(key), now).second) return false;
    order_.push_back({std::string(key), now});
    return true;
}

void StrictRates::Rate::add(std::size_t size, Instant now) {
    if (now - since >= kSecond) *this = {.since = now};
    bytes += size;
    ++publishes;
}

bool StrictRates::may_publish(std::uint32_t link, std::size_t bytes, Instant now) {
    if (links_.size() <= link) links_.resize(link + 1);
    links_[link].add(bytes, now);
    all_.add(bytes, now);
    return links_[link].publishes <= limits_.publishes_per_second &&
           links_[link].bytes <= limits_.bytes_per_second &&
           all_.publishes <= limits_.publishes_per_second_of_all;
}

}  // namespace helio::bridge::mqtt
