// Parameters of actions with ${expression} in them, evaluated on the original message.
#pragma once

#include "base/result.h"
#include "bridge/rules/sql/ast.h"
#include "bridge/rules/sql/lexer.h"

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::rules::sql {

class Evaluation;

class Template {
  public:
    Template() = default;

    // `variables` are those that the statement SETs.  The error's position is in `text`.
    static Result<Template, SqlError> parse(std::string_view text,
                                            Version version,
                                            std::span<const std::string_view> variables = {});

    // Values become text as String does; Undefined and Null become nothing.
    void append(std::string& out, Evaluation& evaluation) const;
    std::string render(Evaluation& evaluation) const;

    // The value itself, where the template is one ${expression} and nothing else; else Undefined.
    Value value(Evaluation& evaluation) const;

    // Without any ${...}.
    bool is_constant() const;
    const std::string& text() const { return *text_; }

  private:
    struct Piece {
        std::string_view literal;
        std::unique_ptr<const Expression> expression;  // null: the literal
    };
    std::unique_ptr<const std::string> text_ = std::make_unique<const std::string>();
    std::vector<Piece> pieces_;
};

}  // namespace helio::bridge::rules::sql
