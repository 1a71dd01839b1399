// Topic rules: stored, compiled when they are made, matched against every message, their actions
// carried out.
//
// Lives on the loop thread.  A rule's change takes effect at once; answer the person who asked when
// the returned position is durable.
#pragma once

#include "base/result.h"
#include "base/store/store.h"
#include "base/time.h"
#include "bridge/rules/effects.h"
#include "bridge/rules/message.h"
#include "bridge/rules/waiting_requests.h"
#include "crypto/random.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::rules {

namespace proto {
class Rule;
}

// The store's table of rules: key is the name, value a proto::Rule.
inline constexpr store::TableSpec kRuleTable{
    .id = 60, .name = "rules", .partitioned_by = store::PartitionedBy::global};
inline constexpr std::array kTables = {kRuleTable, kRequestTable};

// What went wrong, as far as AWS's exceptions tell it apart, and a sentence for a person.
struct RuleError {
    enum class Kind : std::uint8_t {
        not_found,       // ResourceNotFoundException
        already_exists,  // ResourceAlreadyExistsException
        bad_sql,         // SqlParseException; the message names the position
        bad_request,     // InvalidRequestException
        limit_exceeded,  // LimitExceededException
    };
    Kind kind;
    std::string message;
};

struct RuleLimits {
    std::size_t max_rules = 1'000;
    std::size_t max_sql_bytes = 16'384;
    std::size_t max_actions = 10;
    // Rules that feed each other are stopped: a message is the offspring of at most so many others,
    // and of messages that are offspring themselves at most so many are republished a second.
    std::uint8_t max_republish_depth = 8;
    std::uint64_t max_chained_republish_per_s = 10'000;
    std::size_t http_queue_messages = 1'000;  // an HTTP action: waiting and in flight
    std::size_t http_queue_bytes = 4u << 20;  // an HTTP action: of bodies
    std::size_t http_in_flight = 8;           // an HTTP action
    unsigned http_attempts = 5;
    Duration http_backoff = std::chrono::milliseconds(250);  // doubles with each attempt
    Duration http_backoff_max = std::chrono::seconds(10);
    std::size_t file_queue_messages = 10'000;  // a file action: not yet written
    std::uint64_t max_file_bytes = 1u << 30;
};

struct RuleStats {
    std::uint64_t matched = 0;       // the topic and the WHERE clause
    std::uint64_t not_selected = 0;  // the topic, but not the WHERE clause
    std::uint64_t actions_ok = 0;
    std::uint64_t actions_failed = 0;
    std::uint64_t dropped = 0;  // by a full queue or the limit of republishing
};

// Of functions and templates: accountid() and what ARNs are made of.
struct RuleIdentity {
    std::string account = "123456789012";
    std::string region = "us-east-1";
};

class RuleEngine {
  public:
    RuleEngine(store::Store& store,
               Publisher& publisher,
               HttpSender& http,
               FileSink& files,
               crypto::Random random,
               RuleIdentity identity = {},
               RuleLimits limits = {});
    ~RuleEngine();
    RuleEngine(const RuleEngine&) = delete;
    RuleEngine& operator=(const RuleEngine&) = delete;

    // `rule` without name and time of creation.  rule_json.h makes one of AWS's TopicRulePayload.
    Result<store::Position, RuleError> create(std::string_view name, proto::Rule rule, Instant now);
    // Keeps the time of creation.
    Result<store::Position, RuleError> replace(std::string_view name, proto::Rule rule);
    Result<store::Position, RuleError> remove(std::string_view name);
    Result<store::Position, RuleError> set_enabled(std::string_view name, bool enabled);
    Result<store::Position, RuleError> set_tags(std::string_view name,
                                                const std::map<std::string, std::string>& tags);

    // Valid until the rule changes; null where there is none.
    const proto::Rule* find(std::string_view name) const;
    const RuleStats* stats(std::string_view name) const;
    // Of all rules, also of those that are gone.
    const RuleStats& totals() const;
    // What came for one rule, which is not there or disabled.
    const std::uint64_t& without_rule() const;
    // "arn:aws:iot:REGION:ACCOUNT:rule/NAME"
    std::string arn(std::string_view name) const;
    // In the order of names, `count` from the first that is greater than `after`; `topic` restricts
    // to rules whose filter (FROM) matches it.
    struct Query {
        std::string_view after;
        std::size_t count = 100;
        std::optional<std::string_view> topic;
        std::optional<bool> disabled;
    };
    std::vector<const proto::Rule*> list(const Query& query) const;
    // The filter of FROM; empty where there is none.
    std::string_view topic_pattern(std::string_view name) const;

    // Every message that the broker accepts.  "$aws/rules/{name}/..." runs that rule alone (Basic
    // Ingest: the broker does not deliver such messages to subscribers).
    void on_message(const Message& message, Instant now);
    // Runs one rule whatever its filter says: a destination of type RuleName.  False where there is
    // no such rule or it is disabled.
    bool run_rule(std::string_view name, const Message& message, Instant now);

    // What the messages so far made rules keep is durable from this position on: whoever
    // acknowledges a message waits for it.
    store::Position kept_at() const;

    void on_http_answer(CallId call, const HttpAnswer& answer, Instant now);
    // `error` is empty where the line was written.
    void on_file_answer(CallId call, std::string_view error, Instant now);
    // Sends again what is due; says when to call again.
    std::optional<Instant> on_time(Instant now);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace helio::bridge::rules
