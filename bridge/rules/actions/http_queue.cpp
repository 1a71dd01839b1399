#include "bridge/rules/actions/http_queue.h"

#include <algorithm>

namespace helio::bridge::rules {
namespace {

constexpr int kTooManyRequests = 429;

Failure failure(const HttpRequest& request, std::string message) {
    return {"HttpAction", request.url, std::move(message)};
}

bool is_success(int status) { return status >= 200 && status <= 299; }
bool may_try_again(int status) {
    return status == 0 || status == kTooManyRequests || (status >= 500 && status <= 599);
}

std::string describe(const HttpAnswer& answer, unsigned tries) {
    std::string text = answer.status == 0
                           ? "no answer: " + (answer.error.empty() ? "unknown" : answer.error)
                           : "the server answered " + std::to_string(answer.status);
    if (tries > 1) text += ", after " + std::to_string(tries) + " tries";
    return text;
}

}  // namespace

void HttpQueue::push(HttpRequest request,
                     Ticket ticket,
                     std::string_view rule,
                     std::string_view topic,
                     Instant now) {
    const RuleLimits& limits = dispatcher_.limits();
    const std::size_t size = request.body.size();
    if (count() >= limits.http_queue_messages || bytes_ + size > limits.http_queue_bytes) {
        Failure full = failure(request, "the queue of this action is full");
        return dispatcher_.drop(ticket, std::move(full));
    }
    bytes_ += size;
    RequestKey key = dispatcher_.requests().put(rule, topic, request, ticket.execution.get());
    waiting_.push_back({.request = std::move(request),
                        .ticket = std::move(ticket),
                        .key = std::move(key),
                        .due = now});
    send_waiting();
}

void HttpQueue::take_up(HttpRequest request, Ticket ticket, RequestKey key) {
    bytes_ += request.body.size();
    waiting_.push_back(
        {.request = std::move(request), .ticket = std::move(ticket), .key = std::move(key)});
}

void HttpQueue::send_waiting() {
    while (!waiting_.empty() && in_flight_.size() < dispatcher_.limits().http_in_flight) {
        Item item = std::move(waiting_.front());
        waiting_.pop_front();
        ++item.tries;
        const CallId call = dispatcher_.send(shared_from_this(), item.request);
        in_flight_.emplace(call, std::move(item));
    }
}

void HttpQueue::on_answer(CallId call, const HttpAnswer& answer, Instant now) {
    const auto found = in_flight_.find(call);
    if (found == in_flight_.end()) return;
    Item item = std::move(found->second);
    in_flight_.erase(found);
    settle(std::move(item), answer, now);
    send_waiting();
}

void HttpQueue::settle(Item item, const HttpAnswer& answer, Instant now) {
    if (may_try_again(answer.status) && item.tries < dispatcher_.limits().http_attempts) {
        item.due = now + pause_before_next(item.tries);
        pausing_.push_back(std::move(item));
        return dispatcher_.keep(shared_from_this());
    }
    bytes_ -= item.request.body.size();
    dispatcher_.requests().erase(item.key);
    if (is_success(answer.status)) return dispatcher_.end(item.ticket);
    dispatcher_.fail(item.ticket, failure(item.request, describe(answer, item.tries)));
}

// Between half and all of the pause that doubles with each try, so that a server that comes back is
// not met by everybody at once.
Duration HttpQueue::pause_before_next(unsigned tries) {
    const RuleLimits& limits = dispatcher_.limits();
    Duration pause = limits.http_backoff;
    for (unsigned i = 1; i < tries && pause < limits.http_backoff_max; ++i) pause *= 2;
    pause = std::min(pause, limits.http_backoff_max);
    const auto half = static_cast<std::uint64_t>(pause.count() / 2);
    return Duration(static_cast<std::int64_t>(half + dispatcher_.random_number() % (half + 1)));
}

std::optional<Instant> HttpQueue::on_time(Instant now) {
    const auto due = std::stable_partition(
        pausing_.begin(), pausing_.end(), [&](const Item& item) { return item.due > now; });
    // Older than what waits: they go first.
    waiting_.insert(
        waiting_.begin(), std::make_move_iterator(due), std::make_move_iterator(pausing_.end()));
    pausing_.erase(due, pausing_.end());
    send_waiting();
    if (pausing_.empty()) return std::nullopt;
    return std::ranges::min_element(pausing_, {}, &Item::due)->due;
}

}  // namespace helio::bridge::rules
