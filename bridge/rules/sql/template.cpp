#include "bridge/rules/sql/template.h"

#include "bridge/rules/sql/conversion.h"
#include "bridge/rules/sql/evaluation.h"
#include "bridge/rules/sql/function.h"
#include "bridge/rules/sql/parser.h"

#include <algorithm>

namespace helio::bridge::rules::sql {
namespace {

// The '}' that closes an expression which begins at `begin`: braces nest, strings hide them.
std::optional<std::size_t> closing_brace(std::string_view text, std::size_t begin) {
    std::size_t depth = 0;
    for (std::size_t i = begin; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\'' || c == '"') {
            i = text.find(c, i + 1);
            if (i == text.npos) return std::nullopt;
        } else if (c == '{') {
            ++depth;
        } else if (c == '}' && depth-- == 0) {
            return i;
        }
    }
    return std::nullopt;
}

bool is_external(const Expression& expression);

bool any_external(const Expression* expression) { return expression && is_external(*expression); }

struct FindExternal {
    bool operator()(const Literal&) const { return false; }
    bool operator()(const Star&) const { return false; }
    bool operator()(const Path&) const { return false; }
    bool operator()(const Variable&) const { return false; }
    bool operator()(const Access& a) const { return is_external(*a.object); }
    bool operator()(const Unary& u) const { return is_external(*u.operand); }
    bool operator()(const Cast& c) const { return is_external(*c.operand); }
    bool operator()(const Binary& b) const { return is_external(*b.left) || is_external(*b.right); }
    bool operator()(const Call& c) const {
        return c.function->external || std::ranges::any_of(c.arguments, is_external);
    }
    bool operator()(const Case& c) const {
        return is_external(*c.value) || any_external(c.otherwise.get()) ||
               std::ranges::any_of(c.whens, [](const Case::When& when) {
                   return is_external(*when.value) || is_external(*when.result);
               });
    }
    bool operator()(const ObjectLiteral& o) const {
        return std::ranges::any_of(o.entries, [](const auto& e) { return is_external(*e.value); });
    }
    bool operator()(const ArrayLiteral& a) const {
        return std::ranges::any_of(a.items, is_external);
    }
    bool operator()(const Subquery& q) const {
        return any_external(q.select->where.get()) ||
               std::ranges::any_of(q.select->items, [](const SelectItem& item) {
                   return is_external(item.expression);
               });
    }
};

bool is_external(const Expression& expression) {
    return std::visit(FindExternal{}, expression.node);
}

}  // namespace

Result<Template, SqlError> Template::parse(std::string_view source,
                                           Version version,
                                           std::span<const std::string_view> variables) {
    Template result;
    result.text_ = std::make_unique<const std::string>(source);
    const std::string_view text = *result.text_;
    std::size_t done = 0;
    while (true) {
        const std::size_t open = text.find("${", done);
        const std::size_t end = std::min(open, text.size());
        if (end > done) result.pieces_.push_back({text.substr(done, end - done), nullptr});
        if (open == text.npos) return result;
        const auto close = closing_brace(text, open + 2);
        if (!close) return fail(SqlError{open, "this ${ has no closing }"});
        auto expression =
            parse_expression(text.substr(open + 2, *close - open - 2), version, variables);
        if (!expression) {
            expression.error().position += open + 2;
            return fail(std::move(expression.error()));
        }
        result.pieces_.push_back({{}, std::make_unique<const Expression>(std::move(*expression))});
        done = *close + 1;
    }
}

void Template::append(std::string& out, Evaluation& evaluation) const {
    for (const Piece& piece : pieces_) {
        if (!piece.expression) {
            out += piece.literal;
        } else {
            append_string(out, evaluation.evaluate(*piece.expression), evaluation.version());
        }
    }
}

std::string Template::render(Evaluation& evaluation) const {
    std::string out;
    append(out, evaluation);
    return out;
}

Value Template::value(Evaluation& evaluation) const {
    if (pieces_.size() != 1 || !pieces_.front().expression) return {};
    return evaluation.evaluate(*pieces_.front().expression);
}

bool Template::uses_external_function() const {
    return std::ranges::any_of(
        pieces_, [](const Piece& piece) { return any_external(piece.expression.get()); });
}

bool Template::is_constant() const {
    return std::ranges::none_of(pieces_, [](const Piece& piece) { return !!piece.expression; });
}

}  // namespace helio::bridge::rules::sql
