// SET, SELECT, FROM and WHERE.
#include "bridge/rules/sql/function.h"
#include "bridge/rules/sql/grammar.h"

#include <algorithm>
#include <array>
#include <utility>

namespace helio::bridge::rules::sql {
namespace {

constexpr std::size_t kMaxVariables = 10;

constexpr std::array<std::string_view, 14> kReserved = {
    "SELECT",
    "FROM",
    "WHERE",
    "AS",
    "AND",
    "OR",
    "NOT",
    "IN",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "SET",
};

}  // namespace

bool is_reserved(std::string_view word) {
    return std::ranges::any_of(kReserved,
                               [&](std::string_view r) { return equals_ignoring_case(r, word); });
}

void Grammar::statement(Statement& statement) {
    if (take_word("SET")) set_clause(statement);
    expect_word("SELECT");
    select_items(statement.select);
    if (take_word("FROM")) statement.topic_filter = topic_filter();
    if (take_word("WHERE")) statement.select.where = std::make_unique<Expression>(expression());
    expect_end("FROM, WHERE or the end");
    statement.variable_names = variables_;
}

Expression Grammar::whole_expression() {
    Expression result = expression();
    expect_end("the end");
    return result;
}

void Grammar::expect_end(std::string_view otherwise) const {
    if (is_symbol(peek(), "[")) {
        refuse(peek().position, "there is no index by [], write get(array, 0)");
    }
    for (const char* word :
         {"GROUP", "ORDER", "HAVING", "LIMIT", "JOIN", "LIKE", "BETWEEN", "IS"}) {
        if (is_word(peek(), word)) {
            refuse(peek().position, std::string("IoT SQL has no ") + word);
        }
    }
    if (peek().kind != Kind::end) refuse_token(otherwise);
}

void Grammar::set_clause(Statement& statement) {
    do {
        const Token name = take();
        if (name.kind != Kind::variable) refuse(name.position, "expected @name after SET");
        if (std::ranges::count(variables_, name.text) > 0) {
            refuse(name.position, "@" + std::string(name.text) + " is set twice");
        }
        if (variables_.size() == kMaxVariables) {
            refuse(name.position, "a statement has at most 10 variables");
        }
        expect_symbol("=");
        statement.variables.push_back(expression());
        variables_.push_back(name.text);
    } while (take_symbol(","));
}

// VALUE is a keyword only where something to select follows; it is a common attribute too.
bool Grammar::take_value_keyword() {
    if (!is_word(peek(), "VALUE")) return false;
    const Token& next = peek(1);
    const bool star = is_symbol(next, "*");
    const Token& after = peek(2);
    const bool ends = after.kind == Kind::end || is_word(after, "FROM") || is_word(after, "WHERE");
    const bool word = next.kind == Kind::word &&
                      (!is_reserved(next.text) || is_word(next, "CASE") || is_word(next, "NOT"));
    const bool opens = is_symbol(next, "(") || is_symbol(next, "[") || is_symbol(next, "{");
    const bool plain =
        next.kind == Kind::string || next.kind == Kind::number || next.kind == Kind::variable;
    if (!word && !plain && !opens && !(star && ends)) return false;
    take();
    return true;
}

void Grammar::select_items(Select& select) {
    const std::size_t position = peek().position;
    select.value_only = take_value_keyword();
    bool star = false;
    do {
        select.items.push_back(item());
        if (select.items.back().key.empty() && std::exchange(star, true)) {
            refuse(peek().position, "'*' can be selected once");
        }
    } while (take_symbol(","));
    if (select.value_only && select.items.size() > 1) {
        refuse(position, "SELECT VALUE takes one item");
    }
}

SelectItem Grammar::item() {
    SelectItem item;
    const bool star = is_symbol(peek(), "*");
    const std::size_t first = at();
    if (star) {
        take();
        item.expression = {Star{}, text_since(first)};
    } else {
        item.expression = expression();
    }
    if (take_word("AS")) {
        do {
            if (peek().kind != Kind::word) refuse_token("a name after AS");
            item.key.push_back(take().text);
        } while (take_symbol("."));
    } else if (!star) {
        item.key = {default_key(item.expression)};
    }
    return item;
}

// The last segment of a path, the name of a function, else the text of the expression.
std::string_view Grammar::default_key(const Expression& expression) {
    if (const auto* path = std::get_if<Path>(&expression.node)) return path->segments.back();
    if (const auto* access = std::get_if<Access>(&expression.node)) return access->segments.back();
    if (const auto* call = std::get_if<Call>(&expression.node)) return call->function->name;
    if (std::holds_alternative<Cast>(expression.node)) return "cast";
    return expression.text;
}

std::string_view Grammar::topic_filter() {
    const Token token = take();
    if (token.kind != Kind::string) {
        refuse(token.position, "expected a topic filter in quotes after FROM");
    }
    const std::string_view filter = token.text;
    if (filter.empty()) refuse(token.position, "the topic filter is empty");
    for (std::size_t i = 0; i < filter.size(); ++i) {
        const char c = filter[i];
        if (c == '\0') refuse(token.position, "a topic filter has no NUL character");
        if (c != '+' && c != '#') continue;
        const bool alone =
            (i == 0 || filter[i - 1] == '/') && (i + 1 == filter.size() || filter[i + 1] == '/');
        if (!alone || (c == '#' && i + 1 != filter.size())) {
            refuse(token.position + 1 + i,
                   c == '#' ? "'#' must be the last level of the topic filter"
                            : "'+' must be a whole level of the topic filter");
        }
    }
    return filter;
}

}  // namespace helio::bridge::rules::sql
