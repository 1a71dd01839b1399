// A rule as it runs: its statement and actions, made once when the rule is.
#pragma once

#include "bridge/rules/actions/action.h"
#include "bridge/rules/proto/rule.pb.h"
#include "bridge/rules/rule_engine.h"
#include "bridge/rules/sql/ast.h"

#include <memory>
#include <string>
#include <vector>

namespace helio::bridge::rules {

struct CompiledRule {
    proto::Rule stored;
    sql::Statement statement;
    std::vector<std::unique_ptr<Action>> actions;
    std::unique_ptr<Action> error_action;  // may be null
    std::shared_ptr<RuleStats> stats = std::make_shared<RuleStats>();
};

Result<std::unique_ptr<CompiledRule>, RuleError> compile_rule(proto::Rule rule,
                                                              const RuleLimits& limits,
                                                              Dispatcher& dispatcher);

// "2015-10-08" (also where it is empty), "2016-03-23" or "beta".
Result<sql::Version, RuleError> parse_sql_version(std::string_view version);

// The parser's error with line and column, as people read it.
Result<sql::Statement, RuleError> compile_statement(std::string_view text, sql::Version version);

}  // namespace helio::bridge::rules
