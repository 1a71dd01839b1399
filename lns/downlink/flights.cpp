#include "lns/downlink/flights.h"

#include <algorithm>

namespace helio::lns {

void Flights::put(Flight flight) {
    due_.push_back({flight.answer_by, flight.downlink_id});
    std::ranges::push_heap(due_, std::greater<>());
    by_device_[flight.dev_eui] = flight.downlink_id;
    flights_.insert_or_assign(flight.downlink_id, std::move(flight));
}

std::optional<Flight> Flights::take(std::uint64_t downlink_id) {
    const auto at = flights_.find(downlink_id);
    if (at == flights_.end()) return std::nullopt;
    Flight flight = std::move(at->second);
    flights_.erase(at);
    const auto device = by_device_.find(flight.dev_eui);
    if (device != by_device_.end() && device->second == downlink_id) by_device_.erase(device);
    return flight;
}

std::optional<Flight> Flights::take_of(Eui64 dev_eui) {
    const auto at = by_device_.find(dev_eui);
    return at == by_device_.end() ? std::nullopt : take(at->second);
}

void Flights::drop_stale() {
    while (!due_.empty()) {
        const auto at = flights_.find(due_.front().downlink_id);
        if (at != flights_.end() && at->second.answer_by == due_.front().at) return;
        std::ranges::pop_heap(due_, std::greater<>());
        due_.pop_back();
    }
}

std::optional<Flight> Flights::take_silent(Instant now) {
    drop_stale();
    if (due_.empty() || due_.front().at > now) return std::nullopt;
    return take(due_.front().downlink_id);
}

std::optional<Instant> Flights::next_deadline() {
    drop_stale();
    return due_.empty() ? std::nullopt : std::optional(due_.front().at);
}

}  // namespace helio::lns
