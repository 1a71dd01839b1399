// The place in a list of tokens, and how the grammar looks, takes and complains.
//
// A complaint is thrown as a Refusal and caught in parser.cpp: a rule is parsed when a person makes
// it, never on the path of a message, and so each grammar function reads as its grammar.
#pragma once

#include "bridge/rules/sql/lexer.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::rules::sql {

struct Refusal {
    SqlError error;
};

class TokenReader {
  public:
    TokenReader(std::string_view text, std::vector<Token> tokens)
        : text_(text), tokens_(std::move(tokens)) {}

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
    std::string_view text_since(std::size_t first_token) const {
        const Token& last = tokens_[at_ - 1];
        const std::size_t begin = tokens_[first_token].position;
        return text_.substr(begin, last.position + last.length - begin);
    }

    std::size_t at() const { return at_; }

  private:
    using Kind = Token::Kind;

    std::string_view text_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
};

}  // namespace helio::bridge::rules::sql
