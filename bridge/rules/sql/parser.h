// IoT SQL text to a Statement.
//
//   [SET @v = expr, ...] SELECT [VALUE] item, ... [FROM 'topic/filter'] [WHERE expr]
#pragma once

#include "base/result.h"
#include "bridge/rules/sql/ast.h"
#include "bridge/rules/sql/lexer.h"

#include <span>
#include <string_view>

namespace helio::bridge::rules::sql {

Result<Statement, SqlError> parse_statement(std::string_view sql, Version version);

// One expression, as in ${...}; `variables` are the names that a SET defined.  The text must
// outlive the expression.
Result<Expression, SqlError> parse_expression(std::string_view text,
                                              Version version,
                                              std::span<const std::string_view> variables = {});

}  // namespace helio::bridge::rules::sql
