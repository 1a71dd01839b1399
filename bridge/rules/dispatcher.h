// Carries out what actions decide, and hears how it ended.
//
// Nothing is published from within an evaluation: publishing may bring the next message before it
// returns, and evaluations share their memory.  What was decided waits until settle().
#pragma once

#include "bridge/rules/effects.h"
#include "bridge/rules/execution.h"
#include "bridge/rules/rule_engine.h"

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

namespace helio::bridge::rules {

class HttpQueue;

class Dispatcher {
  public:
    Dispatcher(store::Store& store,
               Publisher& publisher,
               HttpSender& http,
               FileSink& files,
               crypto::Random random,
               RuleLimits limits)
        : requests_(store),
          publisher_(publisher),
          http_(http),
          files_(files),
          random_(std::move(random)),
          limits_(limits) {}

    const RuleLimits& limits() const { return limits_; }
    // Counts for the rule and for the whole.
    void count(RuleStats& of_rule, std::uint64_t RuleStats::*what) {
        ++(of_rule.*what);
        ++(totals_.*what);
    }
    const RuleStats& totals() const { return totals_; }
    std::uint64_t random_number();
    WaitingRequests& requests() { return requests_; }

    // Each action ends once: with publish(), end() or fail().
    void publish(Publication publication, Ticket ticket, Instant now);
    void end(const Ticket& ticket);
    void fail(const Ticket& ticket, Failure failure);
    // As fail(), of what was not even tried.
    void drop(const Ticket& ticket, Failure failure);

    // All actions of the execution have begun: it may end.
    void begun(const std::shared_ptr<Execution>& execution) { release(execution); }

    CallId send(std::shared_ptr<HttpQueue> queue, const HttpRequest& request);
    // `waiting` counts the calls of one action that have not been answered; `key` names the row
    // that goes with the answer.
    void append(const FileAppend& append,
                Ticket ticket,
                RequestKey key,
                std::shared_ptr<std::size_t> waiting);
    void on_http_answer(CallId call, const HttpAnswer& answer, Instant now);
    void on_file_answer(CallId call, std::string_view error);

    // Queues that have something to send later are kept here, also when their rule is gone.
    void keep(std::shared_ptr<HttpQueue> queue);
    std::optional<Instant> on_time(Instant now);

    // The next publication or failed execution.  What failed is for the caller's error actions.
    bool publish_next();
    std::shared_ptr<Execution> take_failed();

  private:
    struct Outgoing {
        Publication publication;
        Ticket ticket;
    };
    struct FileCall {
        Ticket ticket;
        std::string path;
        RequestKey key;
        std::shared_ptr<std::size_t> waiting;
    };
    void ended(const Ticket& ticket, std::optional<Failure> failure);
    void release(const std::shared_ptr<Execution>& execution);
    bool may_chain(const Publication& publication, Instant now);

    WaitingRequests requests_;
    Publisher& publisher_;
    HttpSender& http_;
    FileSink& files_;
    crypto::Random random_;
    RuleLimits limits_;
    RuleStats totals_;
    CallId last_call_ = 0;
    std::deque<Outgoing> outgoing_;
    std::deque<std::shared_ptr<Execution>> failed_;
    std::unordered_map<CallId, std::shared_ptr<HttpQueue>> http_calls_;
    std::unordered_map<CallId, FileCall> file_calls_;
    std::vector<std::shared_ptr<HttpQueue>> http_queues_;
    Instant chain_second_{};
    std::uint64_t chained_ = 0;
};

}  // namespace helio::bridge::rules
