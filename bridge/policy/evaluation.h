// What do these documents say about this question?  A Deny that applies decides; then an Allow;
// otherwise the answer is no.
//
// This is the whole truth, told slowly and with reasons; the broker asks Permissions, which is
// compiled for one connection and has to say the same.
#pragma once

#include "bridge/policy/document.h"

#include <span>
#include <string>
#include <vector>

namespace helio::bridge::policy {

enum class Decision : std::uint8_t { implicit_deny, explicit_deny, allowed };

struct Question {
    std::string action;    // "iot:Publish"
    std::string resource;  // the whole ARN
};

enum class Outcome : std::uint8_t { applies, other_action, other_resource, no_value, condition };

// A statement's answer.
struct StatementAnswer {
    std::size_t document;  // both count from 0
    std::size_t statement;
    Effect effect;
    Outcome outcome;
    std::string
        because;  // the resource that fits, the one that lacks a value, the condition that fails
};

struct VariableValue {
    std::string name;
    std::vector<std::string> values;  // empty: it has none
};

struct Explanation {
    Decision decision = Decision::implicit_deny;
    std::vector<StatementAnswer> statements;  // all, in order
    std::vector<VariableValue> variables;     // of the statements about the action, each once
    std::vector<std::string> missing;         // names whose absence kept a statement from applying

    bool decided(const StatementAnswer& answer) const;
};

Decision decide(std::span<const DocumentPtr> documents,
                const Question& question,
                const Context& context);
Explanation explain(std::span<const DocumentPtr> documents,
                    const Question& question,
                    const Context& context);

// The parts of it that Permissions takes beforehand.
FillIn fill_in_of(const Statement& statement, std::string_view lower_action);
bool conditions_hold(const Statement& statement, const Context& context);

}  // namespace helio::bridge::policy
