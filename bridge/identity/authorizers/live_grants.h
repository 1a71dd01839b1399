// Connections that a custom authorizer let in, as long as they live: asks it again when that is
// due, and ends them when their time is over.
//
//   let in ──refreshAfter──► asked again ──yes──► other policies, asked again later
//      └──────────disconnectAfter (from the connect on)──► ended       └──no──► ended
//
// Holds no connection: one that is gone is forgotten when its time comes.
#pragma once

#include "bridge/identity/authorizers/authorizer_set.h"

#include <queue>
#include <vector>

namespace helio::bridge::identity::authorizers {

class LiveGrants {
  public:
    // The connections of these principals are to be ended: CUSTOMAUTH_TTL_EXPIRATION.
    using End = std::function<void(const std::vector<const Principal*>&, Instant now)>;

    LiveGrants(AuthorizerSet& authorizers, End end)
        : authorizers_(authorizers), end_(std::move(end)) {}
    LiveGrants(const LiveGrants&) = delete;
    LiveGrants& operator=(const LiveGrants&) = delete;

    void add(const PrincipalPtr& principal,
             std::string authorizer,
             AuthorizerRequest request,
             const Granted& granted,
             Instant now);

    // Runs what is due; when to call again.
    std::optional<Instant> on_time(Instant now);

    std::size_t size() const { return due_.size(); }
    struct Stats {
        std::uint64_t refreshed = 0;
        std::uint64_t ended = 0;
    };
    const Stats& stats() const { return stats_; }

  private:
    struct Grant {
        std::weak_ptr<Principal> principal;
        std::string authorizer;
        AuthorizerRequest request;          // kept only to ask again
        std::optional<Instant> disconnect;  // at
        std::optional<Instant> refresh;
        bool refused = false;  // when it was asked for again
        std::optional<Instant> next() const;
    };
    using GrantPtr = std::shared_ptr<Grant>;
    struct Due {
        Instant at;
        GrantPtr grant;
        friend bool operator>(const Due& a, const Due& b) { return a.at > b.at; }
    };

    void schedule(const GrantPtr& grant);
    void ask_again(const GrantPtr& grant, Instant now);
    void on_asked(const GrantPtr& grant, const Authorized& result);

    AuthorizerSet& authorizers_;
    End end_;
    Stats stats_;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
    Instant now_{};
    std::shared_ptr<int> alive_ = std::make_shared<int>(0);
};

}  // namespace helio::bridge::identity::authorizers
