#include "bridge/rules/test_rule.h"

#include "bridge/rules/compiled_rule.h"
#include "bridge/rules/topic_index.h"

namespace helio::bridge::rules {

Result<RuleTestResult, RuleError> test_rule(const RuleTest& test, Instant now) {
    const auto version = parse_sql_version(test.sql_version);
    if (!version) return fail(version.error());
    const auto statement = compile_statement(test.sql, *version);
    if (!statement) return fail(statement.error());

    sql::Machinery machinery{.random = crypto::os_random(), .account = RuleIdentity{}.account};
    sql::MessageScope scope(test.message, now, machinery);
    sql::Evaluation evaluation(*statement, scope);
    RuleTestResult result;
    result.topic_matches =
        !statement->topic_filter || matches_topic(*statement->topic_filter, scope.topic());
    result.selected = evaluation.is_selected();
    if (result.selected) sql::append_output(result.output, evaluation.select(), *version);
    return result;
}

}  // namespace helio::bridge::rules
