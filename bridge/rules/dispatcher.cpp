#include "bridge/rules/dispatcher.h"

#include "bridge/rules/actions/http_queue.h"

#include <algorithm>

namespace helio::bridge::rules {
namespace {

constexpr std::string_view kRepublish = "RepublishAction";

}  // namespace

std::uint64_t Dispatcher::random_number() {
    std::uint8_t bytes[8];
    random_(bytes);
    std::uint64_t number = 0;
    for (const std::uint8_t byte : bytes) number = number << 8 | byte;
    return number;
}

void Dispatcher::ended(const Ticket& ticket, std::optional<Failure> failure) {
    count(*ticket.stats, failure ? &RuleStats::actions_failed : &RuleStats::actions_ok);
    if (!ticket.execution) return;
    if (failure) ticket.execution->failures.push_back(std::move(*failure));
    release(ticket.execution);
}

void Dispatcher::release(const std::shared_ptr<Execution>& execution) {
    --execution->pending;
    if (execution->pending == 0 && !execution->failures.empty()) failed_.push_back(execution);
}

void Dispatcher::end(const Ticket& ticket) { ended(ticket, std::nullopt); }
void Dispatcher::fail(const Ticket& ticket, Failure failure) { ended(ticket, std::move(failure)); }
void Dispatcher::drop(const Ticket& ticket, Failure failure) {
    count(*ticket.stats, &RuleStats::dropped);
    ended(ticket, std::move(failure));
}

// Rules that feed each other would make 10^depth messages of one.
bool Dispatcher::may_chain(const Publication& publication, Instant now) {
    if (publication.depth > limits_.max_republish_depth) return false;
    if (publication.depth <= 1) return true;
    if (now - chain_second_ >= std::chrono::seconds(1) || now < chain_second_) {
        chain_second_ = now;
        chained_ = 0;
    }
    return ++chained_ <= limits_.max_chained_republish_per_s;
}

void Dispatcher::publish(Publication publication, Ticket ticket, Instant now) {
    if (!may_chain(publication, now)) {
        return drop(ticket,
                    {std::string(kRepublish),
                     publication.topic,
                     "this message was republished too often: do rules feed each other?"});
    }
    outgoing_.push_back({std::move(publication), std::move(ticket)});
}

bool Dispatcher::publish_next() {
    if (outgoing_.empty()) return false;
    const Outgoing next = std::move(outgoing_.front());
    outgoing_.pop_front();
    const auto published = publisher_.publish(next.publication);
    if (published) {
        end(next.ticket);
    } else {
        fail(next.ticket, {std::string(kRepublish), next.publication.topic, published.error()});
    }
    return true;
}

std::shared_ptr<Execution> Dispatcher::take_failed() {
    if (failed_.empty()) return nullptr;
    auto execution = std::move(failed_.front());
    failed_.pop_front();
    return execution;
}

CallId Dispatcher::send(std::shared_ptr<HttpQueue> queue, const HttpRequest& request) {
    const CallId call = ++last_call_;
    http_calls_.emplace(call, std::move(queue));
    http_.send(call, request);
    return call;
}

void Dispatcher::on_http_answer(CallId call, const HttpAnswer& answer, Instant now) {
    const auto found = http_calls_.find(call);
    if (found == http_calls_.end()) return;
    const auto queue = std::move(found->second);
    http_calls_.erase(found);
    queue->on_answer(call, answer, now);
}

void Dispatcher::append(const FileAppend& append,
                        Ticket ticket,
                        RequestKey key,
                        std::shared_ptr<std::size_t> waiting) {
    const CallId call = ++last_call_;
    ++*waiting;
    file_calls_.emplace(
        call, FileCall{std::move(ticket), append.path, std::move(key), std::move(waiting)});
    files_.append(call, append);
}

void Dispatcher::on_file_answer(CallId call, std::string_view error) {
    const auto found = file_calls_.find(call);
    if (found == file_calls_.end()) return;
    FileCall done = std::move(found->second);
    file_calls_.erase(found);
    --*done.waiting;
    requests_.erase(done.key);
    if (error.empty()) {
        end(done.ticket);
    } else {
        fail(done.ticket, {"FileAction", std::move(done.path), std::string(error)});
    }
}

void Dispatcher::keep(std::shared_ptr<HttpQueue> queue) {
    if (std::ranges::find(http_queues_, queue) == http_queues_.end()) {
        http_queues_.push_back(std::move(queue));
    }
}

std::optional<Instant> Dispatcher::on_time(Instant now) {
    std::optional<Instant> next;
    for (const auto& queue : http_queues_) {
        const auto due = queue->on_time(now);
        if (due && (!next || *due < *next)) next = due;
    }
    std::erase_if(http_queues_, [](const auto& queue) { return queue->is_empty(); });
    return next;
}

}  // namespace helio::bridge::rules
