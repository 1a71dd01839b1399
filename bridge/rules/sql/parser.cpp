#include "bridge/rules/sql/parser.h"

#include "bridge/rules/sql/grammar.h"

#include <utility>

namespace helio::bridge::rules::sql {

Result<Statement, SqlError> parse_statement(std::string_view sql, Version version) {
    Statement statement;
    statement.text = std::make_unique<const std::string>(sql);
    statement.version = version;
    auto tokens = tokenize(*statement.text);
    if (!tokens) return fail(std::move(tokens.error()));
    try {
        Grammar(*statement.text, std::move(*tokens), version, {}).statement(statement);
    } catch (Refusal& refusal) {
        return fail(std::move(refusal.error));
    }
    return statement;
}

Result<Expression, SqlError> parse_expression(std::string_view text,
                                              Version version,
                                              std::span<const std::string_view> variables) {
    auto tokens = tokenize(text);
    if (!tokens) return fail(std::move(tokens.error()));
    try {
        return Grammar(text, std::move(*tokens), version, variables).whole_expression();
    } catch (Refusal& refusal) {
        return fail(std::move(refusal.error));
    }
}

}  // namespace helio::bridge::rules::sql
