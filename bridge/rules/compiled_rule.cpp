#include "bridge/rules/compiled_rule.h"

#include "bridge/rules/sql/parser.h"

#include <algorithm>

namespace helio::bridge::rules {

Result<sql::Version, RuleError> parse_sql_version(std::string_view version) {
    if (version.empty() || version == "2015-10-08") return sql::Version::v2015_10_08;
    if (version == "2016-03-23" || version == "beta") return sql::Version::v2016_03_23;
    return fail(RuleError{RuleError::Kind::bad_request,
                          "awsIotSqlVersion \"" + std::string(version) +
                              "\" is not one of 2015-10-08, 2016-03-23 and beta"});
}

Result<sql::Statement, RuleError> compile_statement(std::string_view text, sql::Version version) {
    auto statement = sql::parse_statement(text, version);
    if (statement) return std::move(*statement);
    const std::string_view before = text.substr(0, statement.error().position);
    const auto line = std::ranges::count(before, '\n') + 1;
    const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
    return fail(RuleError{RuleError::Kind::bad_sql,
                          "SQL error at line " + std::to_string(line) + ", column " +
                              std::to_string(column) + ": " + statement.error().message});
}

Result<std::unique_ptr<CompiledRule>, RuleError> compile_rule(proto::Rule rule,
                                                              const RuleLimits& limits,
                                                              Dispatcher& dispatcher) {
    const auto version = parse_sql_version(rule.sql_version());
    if (!version) return fail(version.error());
    if (rule.sql().size() > limits.max_sql_bytes) {
        return fail(
            RuleError{RuleError::Kind::bad_sql,
                      "sql is longer than " + std::to_string(limits.max_sql_bytes) + " bytes"});
    }
    if (static_cast<std::size_t>(rule.actions_size()) > limits.max_actions) {
        return fail(
            RuleError{RuleError::Kind::bad_request,
                      "a rule has at most " + std::to_string(limits.max_actions) + " actions"});
    }
    auto statement = compile_statement(rule.sql(), *version);
    if (!statement) return fail(statement.error());

    auto compiled = std::make_unique<CompiledRule>();
    compiled->stored = std::move(rule);
    compiled->statement = std::move(*statement);
    ActionContext context{{}, *version, compiled->statement.variable_names, dispatcher};
    for (int i = 0; i < compiled->stored.actions_size(); ++i) {
        context.where = "actions[" + std::to_string(i) + "]";
        auto action = make_action(compiled->stored.actions(i), context);
        if (!action) return fail(action.error());
        compiled->actions.push_back(std::move(*action));
    }
    if (compiled->stored.has_error_action()) {
        context.where = "errorAction";
        context.variables = {};  // it runs when the statement's evaluation is long over
        auto action = make_action(compiled->stored.error_action(), context);
        if (!action) return fail(action.error());
        compiled->error_action = std::move(*action);
    }
    return compiled;
}

}  // namespace helio::bridge::rules
