// One action of a rule, compiled: what a selected message makes it do.
//
// To add a kind: write its file and add its row to action_table.cpp.
#pragma once

#include "base/result.h"
#include "bridge/rules/dispatcher.h"
#include "bridge/rules/sql/evaluation.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace helio::bridge::rules {

namespace proto {
class Action;
}

struct ActionInput {
    sql::Evaluation& evaluation;  // for templates: of the original message
    ByteView output;              // of SELECT
    std::string_view rule;
    bool is_json;        // the output; else it is the bytes of the message
    std::uint8_t depth;  // of the original message
    Instant now;
};

class Action {
  public:
    virtual ~Action() = default;
    // Ends once, now or later, through the dispatcher.
    virtual void perform(const ActionInput& input, Ticket ticket, Dispatcher& dispatcher) = 0;
};

struct ActionContext {
    std::string where;  // "actions[0]" or "errorAction": for messages
    sql::Version version;
    std::span<const std::string_view> variables;  // of SET
    Dispatcher& dispatcher;
};

// The error names the member that is wrong.
Result<std::unique_ptr<Action>, RuleError> make_action(const proto::Action& action,
                                                       const ActionContext& context);

}  // namespace helio::bridge::rules
