// The requests of one HTTP action: sent some at a time, tried again with growing, jittered pauses,
// bounded in number and size.
//
//   push --> waiting --> in flight --> 2xx: ended
//               ^            |-------> 429, 5xx, no answer: pausing, until its time or its last try
//               '--pausing<--'-------> anything else: failed
#pragma once

#include "bridge/rules/dispatcher.h"

#include <deque>
#include <memory>
#include <unordered_map>
#include <vector>

namespace helio::bridge::rules {

class HttpQueue : public std::enable_shared_from_this<HttpQueue> {
  public:
    explicit HttpQueue(Dispatcher& dispatcher) : dispatcher_(dispatcher) {}

    // Of the message on `topic` that rule `rule` selected.
    void push(HttpRequest request,
              Ticket ticket,
              std::string_view rule,
              std::string_view topic,
              Instant now);
    // A request that is stored already; it is sent at the next on_time().
    void take_up(HttpRequest request, Ticket ticket, RequestKey key);
    void on_answer(CallId call, const HttpAnswer& answer, Instant now);
    // Sends what is due; when to call again.
    std::optional<Instant> on_time(Instant now);
    bool is_empty() const { return waiting_.empty() && pausing_.empty() && in_flight_.empty(); }

  private:
    struct Item {
        HttpRequest request;
        Ticket ticket;
        RequestKey key;
        unsigned tries = 0;
        Instant due{};
    };
    std::size_t count() const { return waiting_.size() + pausing_.size() + in_flight_.size(); }
    void send_waiting();
    void settle(Item item, const HttpAnswer& answer, Instant now);
    Duration pause_before_next(unsigned tries);

    Dispatcher& dispatcher_;
    std::deque<Item> waiting_;
    std::vector<Item> pausing_;
    std::unordered_map<CallId, Item> in_flight_;
    std::size_t bytes_ = 0;
};

}  // namespace helio::bridge::rules
