// Tries an SQL statement on one message, without a rule: `helioctl rule test`.
#pragma once

#include "bridge/rules/rule_engine.h"

namespace helio::bridge::rules {

struct RuleTest {
    std::string_view sql;
    std::string_view sql_version = "2016-03-23";
    Message message;
};
struct RuleTestResult {
    bool topic_matches = false;  // FROM; the statement is evaluated anyway
    bool selected = false;       // WHERE
    Bytes output;                // what actions would get; empty where not selected
};

// The error is bad_sql or bad_request.
Result<RuleTestResult, RuleError> test_rule(const RuleTest& test, Instant now);

}  // namespace helio::bridge::rules
