// One message that a rule selected, from its first action to the last answer, for the error action:
// that gets one report of all failures, and sees the original message.
#pragma once

#include "bridge/rules/message.h"

#include <memory>
#include <string>
#include <vector>

namespace helio::bridge::rules {

struct Failure {
    std::string action;    // "HttpAction"
    std::string resource;  // URL, topic, file
    std::string message;
};

// A Message with what it borrows.
class OwnedMessage {
  public:
    explicit OwnedMessage(const Message& message);
    OwnedMessage(const OwnedMessage&) = delete;
    OwnedMessage& operator=(const OwnedMessage&) = delete;
    const Message& get() const { return message_; }

  private:
    Message message_;
    std::string text_;  // all of its texts and bytes, one behind the other
    std::vector<UserProperty> user_properties_;
};

struct Execution {
    Execution(std::string_view rule, std::string_view trace_id, const Message& message)
        : rule(rule), trace_id(trace_id), message(message) {}

    std::string rule;
    std::string trace_id;
    OwnedMessage message;
    unsigned pending = 0;  // actions that have not ended
    std::vector<Failure> failures;
};

struct RuleStats;

// What an action holds until it has ended.
struct Ticket {
    std::shared_ptr<RuleStats> stats;
    std::shared_ptr<Execution> execution;  // null where the rule has no error action
};

// The JSON document that an error action gets.
std::string error_document(const Execution& execution);

}  // namespace helio::bridge::rules
