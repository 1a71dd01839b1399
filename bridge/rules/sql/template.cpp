#include "bridge/rules/sql/template.h"

#include "bridge/rules/sql/conversion.h"
#include "bridge/rules/sql/evaluation.h"
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

bool Template::is_constant() const {
    return std::ranges::none_of(pieces_, [](const Piece& piece) { return !!piece.expression; });
}

}  // namespace helio::bridge::rules::sql
