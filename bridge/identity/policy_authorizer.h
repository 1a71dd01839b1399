// Whether a principal may do what it asks for, by its policies.
//
// A connection's policies are compiled when it first asks and again when their source has moved on,
// so that a change takes effect on the next message.
#pragma once

#include "bridge/identity/policy_source.h"
#include "bridge/mqtt/session/access.h"
#include "bridge/policy/permissions.h"

#include <array>
#include <functional>
#include <string>
#include <string_view>

namespace helio::bridge::identity {

class PolicyAuthorizer final : public mqtt::Authorizer {
  public:
    struct Stats {
        std::array<std::uint64_t, policy::kActions> refused{};  // by policy::Action
        std::uint64_t refused_requests = 0;                     // may()
        std::uint64_t compiled = 0;
    };

    // `clock` is asked for policies that speak of the time only.
    PolicyAuthorizer(const PolicySource& source, policy::Arns arns, std::function<Instant()> clock);

    bool may_connect(const mqtt::Identity* who, std::string_view client_id) override;
    // With RETAIN it takes iot:RetainPublish, too.
    bool may_publish(const mqtt::Identity* who,
                     std::string_view client_id,
                     std::string_view topic,
                     bool retain) override;
    // A shared subscription is asked for by its whole text ($share/group/filter) and by its filter:
    // either may be allowed, neither denied.
    bool may_subscribe(const mqtt::Identity* who,
                       std::string_view client_id,
                       std::string_view filter) override;
    bool checks_receive() const override { return true; }
    bool may_receive(const mqtt::Identity* who,
                     std::string_view client_id,
                     std::string_view topic) override;

    // Of an HTTP request: `action` as policies write it ("iot:Publish"), `resource` an ARN or "*".
    bool may(const Principal& who, std::string_view action, std::string_view resource);

    // Nothing is asked of it: an administrator's key or loopback.
    bool is_unlimited(const Principal& who) const;
    policy::Context context_of(const Principal& who, std::string_view client_id) const;

    const policy::Arns& arns() const { return arns_; }
    const Stats& stats() const { return stats_; }

  private:
    policy::Decision decide(policy::Action action,
                            const Principal& who,
                            std::string_view client_id,
                            std::string_view name);
    bool may(policy::Action action,
             const mqtt::Identity* who,
             std::string_view client_id,
             std::string_view name);

    const PolicySource& source_;
    policy::Arns arns_;
    std::function<Instant()> clock_;
    Stats stats_;
};

}  // namespace helio::bridge::identity
