#include "bridge/rules/sql/parser.h"

#include "bridge/rules/sql/function.h"
#include "bridge/rules/sql/regex.h"

#include <algorithm>
#include <array>
#include <utility>

namespace helio::bridge::rules::sql {
namespace {

constexpr int kMaxDepth = 192;  // of grammar rules: 64 parentheses
constexpr int kMaxOperators = 1'000;
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

bool is_reserved(std::string_view word) {
    return std::ranges::any_of(kReserved,
                               [&](std::string_view r) { return equals_ignoring_case(r, word); });
}

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

struct OperatorName {
    std::string_view symbol;
    BinaryOperator op;
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

// Thrown and caught in this file only: a rule is parsed when a person makes it, never on the path
// of a message, and so each grammar function reads as its grammar.
struct Refusal {
    SqlError error;
};

class Parser {
  public:
    Parser(std::string_view text,
           std::vector<Token> tokens,
           Version version,
           std::span<const std::string_view> variables)
        : text_(text),
          tokens_(std::move(tokens)),
          version_(version),
          variables_(variables.begin(), variables.end()) {}

    void statement(Statement& statement) {
        if (take_word("SET")) set_clause(statement);
        expect_word("SELECT");
        select_items(statement.select);
        if (take_word("FROM")) statement.topic_filter = topic_filter();
        if (take_word("WHERE")) statement.select.where = pointer(expression());
        expect_end("FROM, WHERE or the end");
        statement.variable_names = variables_;
    }

    Expression whole_expression() {
        Expression result = expression();
        expect_end("the end");
        return result;
    }

  private:
    using Kind = Token::Kind;

    // -- tokens ---------------------------------------------------------------------------------

    const Token& peek(std::size_t ahead = 0) const {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }
    const Token& take() { return at_ + 1 < tokens_.size() ? tokens_[at_++] : tokens_.back(); }
    static bool is_word(const Token& token, std::string_view word) {
        return token.kind == Kind::word && equals_ignoring_case(token.text, word);
    }
    static bool is_symbol(const Token& token, std::string_view symbol) {
        return token.kind == Kind::symbol && token.text == symbol;
    }
    bool take_word(std::string_view word) {
        if (!is_word(peek(), word)) return false;
        take();
        return true;
    }
    bool take_symbol(std::string_view symbol) {
        if (!is_symbol(peek(), symbol)) return false;
        take();
        return true;
    }
    [[noreturn]] void refuse(std::size_t position, std::string message) const {
        throw Refusal{{position, std::move(message)}};
    }
    [[noreturn]] void refuse_token(std::string_view expected) const {
        const Token& token = peek();
        const std::string found =
            token.kind == Kind::end
                ? "the end"
                : "'" + std::string(text_.substr(token.position, token.length)) + "'";
        refuse(token.position, "expected " + std::string(expected) + ", found " + found);
    }
    void expect_word(std::string_view word) {
        if (!take_word(word)) refuse_token(word);
    }
    void expect_symbol(std::string_view symbol) {
        if (!take_symbol(symbol)) refuse_token(symbol);
    }
    void expect_end(std::string_view otherwise) const {
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
    void needs_2016(std::size_t position, const std::string& what) const {
        if (version_ == kOld) {
            refuse(position, what + " needs awsIotSqlVersion 2016-03-23");
        }
    }
    std::string_view text_since(std::size_t first_token) const {
        const Token& last = tokens_[at_ - 1];
        const std::size_t begin = tokens_[first_token].position;
        return text_.substr(begin, last.position + last.length - begin);
    }
    static ExpressionPtr pointer(Expression expression) {
        return std::make_unique<Expression>(std::move(expression));
    }

    struct Depth {
        explicit Depth(Parser& parser) : parser(parser) {
            if (++parser.depth_ > kMaxDepth) {
                parser.refuse(parser.peek().position, "this is nested too deeply");
            }
        }
        ~Depth() { --parser.depth_; }
        Depth(const Depth&) = delete;
        Depth& operator=(const Depth&) = delete;
        Parser& parser;
    };

    // -- clauses --------------------------------------------------------------------------------

    void set_clause(Statement& statement) {
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
    bool take_value_keyword() {
        if (!is_word(peek(), "VALUE")) return false;
        const Token& next = peek(1);
        const bool star = is_symbol(next, "*");
        const Token& after = peek(2);
        const bool ends =
            after.kind == Kind::end || is_word(after, "FROM") || is_word(after, "WHERE");
        const bool word =
            next.kind == Kind::word &&
            (!is_reserved(next.text) || is_word(next, "CASE") || is_word(next, "NOT"));
        const bool opens = is_symbol(next, "(") || is_symbol(next, "[") || is_symbol(next, "{");
        const bool plain =
            next.kind == Kind::string || next.kind == Kind::number || next.kind == Kind::variable;
        if (!word && !plain && !opens && !(star && ends)) return false;
        take();
        return true;
    }

    void select_items(Select& select) {
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

    SelectItem item() {
        SelectItem item;
        const bool star = is_symbol(peek(), "*");
        const std::size_t first = at_;
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
    static std::string_view default_key(const Expression& expression) {
        if (const auto* path = std::get_if<Path>(&expression.node)) return path->segments.back();
        if (const auto* access = std::get_if<Access>(&expression.node))
            return access->segments.back();
        if (const auto* call = std::get_if<Call>(&expression.node)) return call->function->name;
        if (std::holds_alternative<Cast>(expression.node)) return "cast";
        return expression.text;
    }

    std::string_view topic_filter() {
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
            const bool alone = (i == 0 || filter[i - 1] == '/') &&
                               (i + 1 == filter.size() || filter[i + 1] == '/');
            if (!alone || (c == '#' && i + 1 != filter.size())) {
                refuse(token.position + 1 + i,
                       c == '#' ? "'#' must be the last level of the topic filter"
                                : "'+' must be a whole level of the topic filter");
            }
        }
        return filter;
    }

    // -- expressions, from the loosest binding to the tightest ------------------------------------

    Expression expression() {
        const Depth depth(*this);
        const std::size_t first = at_;
        Expression left = conjunction();
        while (take_word("OR"))
            left = binary(BinaryOperator::or_, std::move(left), conjunction(), first);
        return left;
    }

    Expression conjunction() {
        const std::size_t first = at_;
        Expression left = negation();
        while (take_word("AND"))
            left = binary(BinaryOperator::and_, std::move(left), negation(), first);
        return left;
    }

    Expression negation() {
        const Depth depth(*this);
        const std::size_t first = at_;
        if (!take_word("NOT")) return comparison();
        Expression operand = negation();
        return {Unary{UnaryOperator::not_, pointer(std::move(operand))}, text_since(first)};
    }

    Expression comparison() {
        const std::size_t first = at_;
        Expression left = sum();
        if (const auto op = take_operator(kComparisons)) {
            left = binary(*op, std::move(left), sum(), first);
        } else if (take_word("IN")) {
            left = binary(BinaryOperator::in, std::move(left), sum(), first);
        }
        return left;
    }

    Expression sum() {
        const std::size_t first = at_;
        Expression left = product();
        while (const auto op = take_operator(kSums)) {
            left = binary(*op, std::move(left), product(), first);
        }
        return left;
    }

    Expression product() {
        const std::size_t first = at_;
        Expression left = signed_value();
        while (const auto op = take_operator(kProducts)) {
            left = binary(*op, std::move(left), signed_value(), first);
        }
        return left;
    }

    Expression signed_value() {
        const Depth depth(*this);
        const std::size_t first = at_;
        if (take_symbol("+")) return signed_value();
        if (!take_symbol("-")) return postfix();
        if (peek().kind == Kind::number) {
            return {Literal{number("-" + std::string(peek().text))}, text_since(first)};
        }
        Expression operand = signed_value();
        return {Unary{UnaryOperator::negate, pointer(std::move(operand))}, text_since(first)};
    }

    Expression postfix() {
        const std::size_t first = at_;
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

    std::vector<std::string_view> segments() {
        std::vector<std::string_view> names;
        while (take_symbol(".")) {
            if (peek().kind != Kind::word) refuse_token("the name of an attribute after '.'");
            names.push_back(take().text);
        }
        return names;
    }

    Expression primary() {
        const std::size_t first = at_;
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

    Value number(const std::string& text) {
        const auto value = parse_decimal(text);
        if (!value) refuse(peek().position, "this number is outside 1E-999 to 9.99E999");
        take();
        const bool is_int = text.find_first_of(".eE") == std::string::npos;
        return is_int ? Value::number(*value) : Value::decimal(*value);
    }

    Expression variable() {
        const std::size_t first = at_;
        const Token token = take();
        const auto found = std::ranges::find(variables_, token.text);
        if (found == variables_.end()) {
            refuse(token.position, "@" + std::string(token.text) + " is not set before");
        }
        const auto index = static_cast<std::size_t>(found - variables_.begin());
        return {Variable{index}, text_since(first)};
    }

    Expression word() {
        const std::size_t first = at_;
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

    Expression call() {
        const std::size_t first = at_;
        const Token name = take();
        const Function* function = find_function(name.text);
        if (!function)
            refuse(name.position, "there is no function " + std::string(name.text) + "()");
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

    Expression argument() {
        const std::size_t first = at_;
        if (is_symbol(peek(), "*") && (is_symbol(peek(1), ",") || is_symbol(peek(1), ")"))) {
            take();
            return {Star{}, text_since(first)};
        }
        return expression();
    }

    Expression exists() {
        const std::size_t first = at_;
        take();
        if (!is_word(peek(1), "SELECT")) {
            refuse(peek(1).position, "EXISTS needs a nested SELECT: EXISTS (SELECT ... FROM ...)");
        }
        Expression query = subquery();
        return {Unary{UnaryOperator::exists, pointer(std::move(query))}, text_since(first)};
    }

    Expression cast() {
        const std::size_t first = at_;
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

    Expression case_expression() {
        const std::size_t first = at_;
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

    Expression parenthesis() {
        const std::size_t first = at_;
        if (is_word(peek(1), "SELECT")) return subquery();
        take();
        Expression inner = expression();
        if (is_symbol(peek(), ",")) refuse(peek().position, "a list stands in brackets: [1, 2]");
        expect_symbol(")");
        inner.text = text_since(first);
        return inner;
    }

    Expression subquery() {
        const std::size_t first = at_;
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

    Expression object_literal() {
        const std::size_t first = at_;
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

    Expression array_literal() {
        const std::size_t first = at_;
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

    std::optional<BinaryOperator> take_operator(std::span<const OperatorName> operators) {
        for (const OperatorName& row : operators) {
            if (take_symbol(row.symbol)) return row.op;
        }
        return std::nullopt;
    }
    // A chain of operators is a tree as deep as it is long.
    Expression binary(BinaryOperator op, Expression left, Expression right, std::size_t first) {
        if (++operators_ > kMaxOperators) refuse(peek().position, "there are too many operators");
        return {Binary{op, pointer(std::move(left)), pointer(std::move(right))}, text_since(first)};
    }

    std::string_view text_;
    std::vector<Token> tokens_;
    Version version_;
    std::vector<std::string_view> variables_;
    std::size_t at_ = 0;
    int depth_ = 0;
    int operators_ = 0;
};

}  // namespace

Result<Statement, SqlError> parse_statement(std::string_view sql, Version version) {
    Statement statement;
    statement.text = std::make_unique<const std::string>(sql);
    statement.version = version;
    auto tokens = tokenize(*statement.text);
    if (!tokens) return fail(std::move(tokens.error()));
    try {
        Parser(*statement.text, std::move(*tokens), version, {}).statement(statement);
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
        return Parser(text, std::move(*tokens), version, variables).whole_expression();
    } catch (Refusal& refusal) {
        return fail(std::move(refusal.error));
    }
}

}  // namespace helio::bridge::rules::sql
