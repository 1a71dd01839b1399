// A parsed IoT SQL statement.
//
// Names and string literals borrow the text that the Statement owns; it may be moved, not copied.
#pragma once

#include "bridge/rules/sql/json.h"
#include "bridge/rules/sql/value.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace helio::bridge::rules::sql {

struct Function;
class Regex;
struct Expression;
struct Select;
using ExpressionPtr = std::unique_ptr<Expression>;

enum class BinaryOperator : std::uint8_t {
    or_,
    and_,
    equal,
    not_equal,
    less,
    less_equal,
    greater,
    greater_equal,
    in,
    add,
    subtract,
    multiply,
    divide,
    remainder,
};
enum class UnaryOperator : std::uint8_t { not_, negate, exists };
enum class CastType : std::uint8_t { string, integer, decimal, boolean };

struct Literal {
    Value value;
};
struct Star {};  // the whole payload, or the element of a nested SELECT
struct Path {    // of an attribute, from the payload or the element of a nested SELECT
    std::vector<std::string_view> segments;
};
struct Access {  // of a member of a result: decode(...).a.b
    ExpressionPtr object;
    std::vector<std::string_view> segments;
};
struct Variable {  // @name
    std::size_t index;
};
struct Unary {
    UnaryOperator op;
    ExpressionPtr operand;
};
struct Binary {
    BinaryOperator op;
    ExpressionPtr left, right;
};
struct Call {
    const Function* function;
    std::vector<Expression> arguments;
    std::shared_ptr<const Regex> regex;  // where the pattern is a literal
};
struct Cast {
    ExpressionPtr operand;
    CastType type;
};
struct Case {
    struct When {
        ExpressionPtr value, result;
    };
    ExpressionPtr value;
    std::vector<When> whens;
    ExpressionPtr otherwise;  // may be null
};
struct ObjectLiteral {
    struct Entry {
        std::string_view key;
        ExpressionPtr value;
    };
    std::vector<Entry> entries;
};
struct ArrayLiteral {
    std::vector<Expression> items;
};
struct Subquery {
    std::unique_ptr<Select> select;
    Path from;
    std::string_view alias;  // of the element: FROM path AS alias; empty: none
};

struct Expression {
    std::variant<Literal,
                 Path,
                 Binary,
                 Call,
                 Star,
                 Access,
                 Variable,
                 Unary,
                 Cast,
                 Case,
                 ObjectLiteral,
                 ArrayLiteral,
                 Subquery>
        node;
    std::string_view text;  // as it was written
};

struct SelectItem {
    Expression expression;
    std::vector<std::string_view> key;  // path in the output; empty: a `*` without alias
};

struct Select {
    bool value_only = false;  // SELECT VALUE: exactly one item
    std::vector<SelectItem> items;
    ExpressionPtr where;  // may be null
};

struct Statement {
    std::unique_ptr<const std::string> text;
    Version version = Version::v2016_03_23;
    std::vector<std::string_view> variable_names;  // of SET, in order
    std::vector<Expression> variables;
    Select select;
    std::optional<std::string_view> topic_filter;
};

}  // namespace helio::bridge::rules::sql
