// Expressions: operators, literals, paths, functions, CASE, nested SELECT.
#include "bridge/rules/sql/function.h"
#include "bridge/rules/sql/grammar.h"
#include "bridge/rules/sql/regex.h"

#include <algorithm>
#include <utility>

namespace helio::bridge::rules::sql {
namespace {

constexpr int kMaxDepth = 192;  // of grammar rules: 64 parentheses
constexpr int kMaxOperators = 1'000;

struct CastName {
    std::string_view name;
    CastType type;
    Version since;
};
constexpr auto kOld = Version::v2015_10_08;
constexpr auto kNew = Version::v2016_03_23;
constexpr CastName kCastNames[] = {
    {"String", CastType::string, kOld},
    {"Nvarchar", CastType::string, kOld},
    {"Text", CastType::string, kOld},
    {"Ntext", CastType::string, kOld},
    {"Varchar", CastType::string, kOld},
    {"Int", CastType::integer, kOld},
    {"Integer", CastType::integer, kOld},
    {"Double", CastType::decimal, kOld},
    {"Decimal", CastType::decimal, kNew},
    {"Bool", CastType::boolean, kNew},
    {"Boolean", CastType::boolean, kNew},
};

constexpr OperatorName kComparisons[] = {
    {"=", BinaryOperator::equal},
    {"<>", BinaryOperator::not_equal},
    {"<=", BinaryOperator::less_equal},
    {"<", BinaryOperator::less},
    {">=", BinaryOperator::greater_equal},
    {">", BinaryOperator::greater},
};
constexpr OperatorName kSums[] = {{"+", BinaryOperator::add}, {"-", BinaryOperator::subtract}};
constexpr OperatorName kProducts[] = {{"*", BinaryOperator::multiply},
                                      {"/", BinaryOperator::divide},
                                      {"%", BinaryOperator::remainder}};

ExpressionPtr pointer(Expression expression) {
    return std::make_unique<Expression>(std::move(expression));
}

}  // namespace

struct Grammar::Depth {
    explicit Depth(Grammar& parser) : parser(parser) {
        if (++parser.depth_ > kMaxDepth) {
            parser.refuse(parser.peek().position, "this is nested too deeply");
        }
    }
    ~Depth() { --parser.depth_; }
    Depth(const Depth&) = delete;
    Depth& operator=(const Depth&) = delete;
    Grammar& parser;
};

void Grammar::needs_2016(std::size_t position, const std::string& what) const {
    if (version_ == kOld) {
        refuse(position, what + " needs awsIotSqlVersion 2016-03-23");
    }
}

Expression Grammar::expression() {
    const Depth depth(*this);
    const std::size_t first = at();
    Expression left = conjunction();
    while (take_word("OR"))
        left = binary(BinaryOperator::or_, std::move(left), conjunction(), first);
    return left;
}

Expression Grammar::conjunction() {
    const std::size_t first = at();
    Expression left = negation();
    while (take_word("AND"))
        left = binary(BinaryOperator::and_, std::move(left), negation(), first);
    return left;
}

Expression Grammar::negation() {
    const Depth depth(*this);
    const std::size_t first = at();
    if (!take_word("NOT")) return comparison();
    Expression operand = negation();
    return {Unary{UnaryOperator::not_, pointer(std::move(operand))}, text_since(first)};
}

Expression Grammar::comparison() {
    const std::size_t first = at();
    Expression left = sum();
    if (const auto op = take_operator(kComparisons)) {
        left = binary(*op, std::move(left), sum(), first);
    } else if (take_word("IN")) {
        left = binary(BinaryOperator::in, std::move(left), sum(), first);
    }
    return left;
}

Expression Grammar::sum() {
    const std::size_t first = at();
    Expression left = product();
    while (const auto op = take_operator(kSums)) {
        left = binary(*op, std::move(left), product(), first);
    }
    return left;
}

Expression Grammar::product() {
    const std::size_t first = at();
    Expression left = signed_value();
    while (const auto op = take_operator(kProducts)) {
        left = binary(*op, std::move(left), signed_value(), first);
    }
    return left;
}

Expression Grammar::signed_value() {
    const Depth depth(*this);
    const std::size_t first = at();
    if (take_symbol("+")) return signed_value();
    if (!take_symbol("-")) return postfix();
    if (peek().kind == Kind::number) {
        return {Literal{number("-" + std::string(peek().text))}, text_since(first)};
    }
    Expression operand = signed_value();
    return {Unary{UnaryOperator::negate, pointer(std::move(operand))}, text_since(first)};
}

Expression Grammar::postfix() {
    const std::size_t first = at();
    Expression object = primary();
    if (!is_symbol(peek(), ".")) return object;
    auto members = segments();
    if (auto* path = std::get_if<Path>(&object.node)) {
        path->segments.insert(path->segments.end(), members.begin(), members.end());
        object.text = text_since(first);
        return object;
    }
    return {Access{pointer(std::move(object)), std::move(members)}, text_since(first)};
}

std::vector<std::string_view> Grammar::segments() {
    std::vector<std::string_view> names;
    while (take_symbol(".")) {
        if (peek().kind != Kind::word) refuse_token("the name of an attribute after '.'");
        names.push_back(take().text);
    }
    return names;
}

Expression Grammar::primary() {
    const std::size_t first = at();
    const Token token = peek();
    switch (token.kind) {
        case Kind::string:
            take();
            return {Literal{Value::string(token.text)}, text_since(first)};
        case Kind::number: {
            const Value value = number(std::string(token.text));
            return {Literal{value}, text_since(first)};
        }
        case Kind::variable:
            return variable();
        case Kind::word:
            return word();
        case Kind::symbol:
            if (token.text == "(") return parenthesis();
            if (token.text == "{") return object_literal();
            if (token.text == "[") return array_literal();
            if (token.text == "*") {
                refuse(token.position, "'*' stands alone: SELECT * or as an argument");
            }
            break;
        case Kind::end:
            break;
    }
    refuse_token("an expression");
}

Value Grammar::number(const std::string& text) {
    const auto value = parse_decimal(text);
    if (!value) refuse(peek().position, "this number is outside 1E-999 to 9.99E999");
    take();
    const bool is_int = text.find_first_of(".eE") == std::string::npos;
    return is_int ? Value::number(*value) : Value::decimal(*value);
}

Expression Grammar::variable() {
    const std::size_t first = at();
    const Token token = take();
    const auto found = std::ranges::find(variables_, token.text);
    if (found == variables_.end()) {
        refuse(token.position, "@" + std::string(token.text) + " is not set before");
    }
    const auto index = static_cast<std::size_t>(found - variables_.begin());
    return {Variable{index}, text_since(first)};
}

Expression Grammar::word() {
    const std::size_t first = at();
    const Token token = peek();
    if (is_word(token, "CASE")) return case_expression();
    if (is_reserved(token.text)) refuse_token("an expression");
    if (is_symbol(peek(1), "(")) {
        if (is_word(token, "EXISTS")) return exists();
        return is_word(token, "CAST") ? cast() : call();
    }
    take();
    if (is_word(token, "true")) return {Literal{Value::boolean(true)}, text_since(first)};
    if (is_word(token, "false")) return {Literal{Value::boolean(false)}, text_since(first)};
    if (is_word(token, "null")) return {Literal{Value::null()}, text_since(first)};
    return {Path{{token.text}}, text_since(first)};
}

Expression Grammar::call() {
    const std::size_t first = at();
    const Token name = take();
    const Function* function = find_function(name.text);
    if (!function) refuse(name.position, "there is no function " + std::string(name.text) + "()");
    if (!function->evaluate) {
        refuse(name.position, std::string(function->name) + "() is not served by this server");
    }
    if (function->since == kNew) needs_2016(name.position, std::string(function->name) + "()");
    expect_symbol("(");
    Call call{function, {}, nullptr};
    if (!take_symbol(")")) {
        do {
            call.arguments.push_back(argument());
        } while (take_symbol(","));
        if (!take_symbol(")")) refuse_token("',' or ')'");
    }
    if (function->takes_pattern && call.arguments.size() > 1) {
        const auto* literal = std::get_if<Literal>(&call.arguments[1].node);
        if (literal && literal->value.is(Type::string)) {
            call.regex = Regex::compile(literal->value.as_string());
        }
    }
    return {std::move(call), text_since(first)};
}

Expression Grammar::argument() {
    const std::size_t first = at();
    if (is_symbol(peek(), "*") && (is_symbol(peek(1), ",") || is_symbol(peek(1), ")"))) {
        take();
        return {Star{}, text_since(first)};
    }
    return expression();
}

Expression Grammar::exists() {
    const std::size_t first = at();
    take();
    if (!is_word(peek(1), "SELECT")) {
        refuse(peek(1).position, "EXISTS needs a nested SELECT: EXISTS (SELECT ... FROM ...)");
    }
    Expression query = subquery();
    return {Unary{UnaryOperator::exists, pointer(std::move(query))}, text_since(first)};
}

Expression Grammar::cast() {
    const std::size_t first = at();
    take();
    expect_symbol("(");
    Expression operand = expression();
    expect_word("AS");
    const Token name = peek();
    const auto row = std::ranges::find_if(kCastNames, [&](const CastName& n) {
        return name.kind == Kind::word && equals_ignoring_case(n.name, name.text);
    });
    if (row == std::end(kCastNames)) refuse_token("String, Int, Decimal or Boolean after AS");
    if (row->since == kNew) needs_2016(name.position, "cast to " + std::string(row->name));
    take();
    expect_symbol(")");
    return {Cast{pointer(std::move(operand)), row->type}, text_since(first)};
}

Expression Grammar::case_expression() {
    const std::size_t first = at();
    take();
    if (is_word(peek(), "WHEN")) {
        refuse(peek().position, "CASE needs a value: CASE value WHEN other THEN result END");
    }
    Case result;
    result.value = pointer(expression());
    while (take_word("WHEN")) {
        Case::When when;
        when.value = pointer(expression());
        expect_word("THEN");
        when.result = pointer(expression());
        result.whens.push_back(std::move(when));
    }
    if (result.whens.empty()) refuse_token("WHEN");
    if (take_word("ELSE")) result.otherwise = pointer(expression());
    if (!take_word("END")) refuse_token(result.otherwise ? "END" : "WHEN, ELSE or END");
    return {std::move(result), text_since(first)};
}

Expression Grammar::parenthesis() {
    const std::size_t first = at();
    if (is_word(peek(1), "SELECT")) return subquery();
    take();
    Expression inner = expression();
    if (is_symbol(peek(), ",")) refuse(peek().position, "a list stands in brackets: [1, 2]");
    expect_symbol(")");
    inner.text = text_since(first);
    return inner;
}

Expression Grammar::subquery() {
    const std::size_t first = at();
    needs_2016(peek().position, "a nested SELECT");
    take();
    expect_word("SELECT");
    Subquery query;
    query.select = std::make_unique<Select>();
    select_items(*query.select);
    expect_word("FROM");
    if (peek().kind != Kind::word) refuse_token("the path of an attribute after FROM");
    query.from.segments.push_back(take().text);
    const auto members = segments();
    query.from.segments.insert(query.from.segments.end(), members.begin(), members.end());
    if (take_word("AS")) {
        if (peek().kind != Kind::word || is_reserved(peek().text)) {
            refuse_token("a name after AS");
        }
        query.alias = take().text;
    }
    if (take_word("WHERE")) query.select->where = pointer(expression());
    if (!take_symbol(")")) refuse_token("WHERE or ')'");
    return {std::move(query), text_since(first)};
}

Expression Grammar::object_literal() {
    const std::size_t first = at();
    needs_2016(peek().position, "an object literal");
    take();
    ObjectLiteral object;
    if (!take_symbol("}")) {
        do {
            if (peek().kind != Kind::string) refuse_token("a key in quotes");
            const std::string_view key = take().text;
            expect_symbol(":");
            object.entries.push_back({key, pointer(expression())});
        } while (take_symbol(","));
        if (!take_symbol("}")) refuse_token("',' or '}'");
    }
    return {std::move(object), text_since(first)};
}

Expression Grammar::array_literal() {
    const std::size_t first = at();
    needs_2016(peek().position, "an array literal");
    take();
    ArrayLiteral array;
    if (!take_symbol("]")) {
        do {
            array.items.push_back(expression());
        } while (take_symbol(","));
        if (!take_symbol("]")) refuse_token("',' or ']'");
    }
    return {std::move(array), text_since(first)};
}

std::optional<BinaryOperator> Grammar::take_operator(std::span<const OperatorName> operators) {
    for (const OperatorName& row : operators) {
        if (take_symbol(row.symbol)) return row.op;
    }
    return std::nullopt;
}

// A chain of operators is a tree as deep as it is long.
Expression Grammar::binary(BinaryOperator op,
                           Expression left,
                           Expression right,
                           std::size_t first) {
    if (++operators_ > kMaxOperators) refuse(peek().position, "there are too many operators");
    return {Binary{op, pointer(std::move(left)), pointer(std::move(right))}, text_since(first)};
}

}  // namespace helio::bridge::rules::sql
