#include "bridge/rules/sql/lexer.h"

#include <algorithm>

namespace helio::bridge::rules::sql {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool begins_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}
bool continues_word(char c) { return begins_word(c) || is_digit(c); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

class Lexer {
  public:
    explicit Lexer(std::string_view sql) : sql_(sql) {}

    Result<std::vector<Token>, SqlError> run() {
        std::vector<Token> tokens;
        while (true) {
            while (at_ < sql_.size() && is_blank(sql_[at_])) ++at_;
            auto token = next();
            if (!token) return fail(std::move(token.error()));
            tokens.push_back(*token);
            if (token->kind == Token::Kind::end) return tokens;
        }
    }

  private:
    using Kind = Token::Kind;

    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < sql_.size() ? sql_[at_ + ahead] : '\0';
    }
    std::size_t end_of_word(std::size_t from) const {
        while (from < sql_.size() && continues_word(sql_[from])) ++from;
        return from;
    }
    std::size_t end_of_digits(std::size_t from) const {
        while (from < sql_.size() && is_digit(sql_[from])) ++from;
        return from;
    }
    Token take(Kind kind, std::size_t end) {
        const Token token{kind, sql_.substr(at_, end - at_), at_, end - at_};
        at_ = end;
        return token;
    }

    Result<Token, SqlError> next() {
        if (at_ == sql_.size()) return take(Kind::end, at_);
        const char c = peek();
        if (begins_word(c)) return take(Kind::word, end_of_word(at_));
        if (is_digit(c)) return number();
        if (c == '\'' || c == '"') return string();
        if (c == '@') return variable();
        return symbol();
    }

    Result<Token, SqlError> number() {
        std::size_t end = end_of_digits(at_);
        if (end + 1 < sql_.size() && sql_[end] == '.' && is_digit(sql_[end + 1])) {
            end = end_of_digits(end + 1);
        }
        if (end < sql_.size() && lower(sql_[end]) == 'e') {
            std::size_t digits = end + 1;
            if (digits < sql_.size() && (sql_[digits] == '-' || sql_[digits] == '+')) ++digits;
            if (digits < sql_.size() && is_digit(sql_[digits])) end = end_of_digits(digits);
        }
        if (end < sql_.size() && continues_word(sql_[end])) {
            return fail(
                SqlError{at_, "a name cannot begin with a digit: use get(object, \"name\")"});
        }
        return take(Kind::number, end);
    }

    Result<Token, SqlError> string() {
        const std::size_t close = sql_.find(sql_[at_], at_ + 1);
        if (close == sql_.npos) return fail(SqlError{at_, "this string has no closing quote"});
        const Token token{
            Kind::string, sql_.substr(at_ + 1, close - at_ - 1), at_, close + 1 - at_};
        at_ = close + 1;
        return token;
    }

    Result<Token, SqlError> variable() {
        constexpr std::size_t kMaxName = 64;
        const std::size_t end = end_of_word(at_ + 1);
        const std::string_view name = sql_.substr(at_ + 1, end - at_ - 1);
        if (name.empty() || name.size() > kMaxName) {
            return fail(SqlError{at_, "the name of a variable has 1 to 64 letters, digits and _"});
        }
        const Token token{Kind::variable, name, at_, end - at_};
        at_ = end;
        return token;
    }

    Result<Token, SqlError> symbol() {
        const std::string_view two = sql_.substr(at_, 2);
        if (two == "<=" || two == ">=" || two == "<>") return take(Kind::symbol, at_ + 2);
        if (two == "!=") return fail(SqlError{at_, "there is no !=, write <>"});
        if (two == "--" || two == "/*") {
            // "a --b" would be a minus a minus; people who write this mean a comment.
            return fail(SqlError{at_, "there are no comments in IoT SQL"});
        }
        constexpr std::string_view kSymbols = "()[]{},.:*/%+-=<>";
        if (kSymbols.find(peek()) == kSymbols.npos) {
            return fail(
                SqlError{at_, std::string("the character '") + peek() + "' is not expected"});
        }
        return take(Kind::symbol, at_ + 1);
    }

    std::string_view sql_;
    std::size_t at_ = 0;
};

}  // namespace

Result<std::vector<Token>, SqlError> tokenize(std::string_view sql) { return Lexer(sql).run(); }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace helio::bridge::rules::sql
