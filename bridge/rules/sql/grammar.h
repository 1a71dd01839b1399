// The grammar of IoT SQL by recursive descent: one function a rule of it.  For parser.cpp and the
// two files of the grammar only.
#pragma once

#include "bridge/rules/sql/ast.h"
#include "bridge/rules/sql/token_reader.h"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::rules::sql {

struct OperatorName {
    std::string_view symbol;
    BinaryOperator op;
};

class Grammar : private TokenReader {
  public:
    Grammar(std::string_view text,
            std::vector<Token> tokens,
            Version version,
            std::span<const std::string_view> variables)
        : TokenReader(text, std::move(tokens)),
          version_(version),
          variables_(variables.begin(), variables.end()) {}

    // Both throw Refusal.
    void statement(Statement& statement);
    Expression whole_expression();

  private:
    using Kind = Token::Kind;
    struct Depth;

    void expect_end(std::string_view otherwise) const;
    void needs_2016(std::size_t position, const std::string& what) const;

    // clauses.cpp
    void set_clause(Statement& statement);
    bool take_value_keyword();
    void select_items(Select& select);
    SelectItem item();
    static std::string_view default_key(const Expression& expression);
    std::string_view topic_filter();

    // expressions.cpp, from the loosest binding to the tightest
    Expression expression();
    Expression conjunction();
    Expression negation();
    Expression comparison();
    Expression sum();
    Expression product();
    Expression signed_value();
    Expression postfix();
    std::vector<std::string_view> segments();
    Expression primary();
    Value number(const std::string& text);
    Expression variable();
    Expression word();
    Expression call();
    Expression argument();
    Expression exists();
    Expression cast();
    Expression case_expression();
    Expression parenthesis();
    Expression subquery();
    Expression object_literal();
    Expression array_literal();
    std::optional<BinaryOperator> take_operator(std::span<const OperatorName> operators);
    Expression binary(BinaryOperator op, Expression left, Expression right, std::size_t first);

    Version version_;
    std::vector<std::string_view> variables_;
    int depth_ = 0;
    int operators_ = 0;
};

bool is_reserved(std::string_view word);

}  // namespace helio::bridge::rules::sql
