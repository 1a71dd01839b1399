// Conditions of a statement: what each operator asks of a key's values.
//
//   "ForAnyValue:StringLikeIfExists": {"iot:ConnectAttributes": ["Last*", "Persistent*"]}
//    `--------´ `--------´ `------´
//    quantifier  operator   suffix
//
// The operators are a table (in conditions.cpp).  Operands are compiled with the document; those
// that hold variables are filled in for each question.
#pragma once

#include "base/result.h"
#include "bridge/policy/template.h"

#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::policy {

struct OperatorRow;

class Condition {
  public:
    // `name` with quantifier and suffix; one of the operands has to fit, or none where the operator
    // says "Not".  The error is a sentence.
    static Result<Condition, std::string> parse(std::string_view name,
                                                std::string_view key,
                                                const std::vector<std::string>& operands,
                                                Variables variables);

    bool holds(const Context& context) const;

    // Another question of the same connection may find another answer.
    bool changes() const;
    // It cannot hold while the key has no value: what TestAuthorization calls missing.
    bool needs_value() const;
    const Variable& key() const { return key_; }
    const std::string& operator_name() const { return name_; }

    struct Operand {
        std::string text;
        std::vector<Template> parts;  // the six of an ARN; one of all others
    };
    const std::vector<Operand>& operands() const { return operands_; }

  private:
    enum class Quantifier : std::uint8_t { none, for_all_values, for_any_value };

    Result<Operand, std::string> parse_operand(const std::string& text, Variables variables) const;
    bool any_fits(std::string_view value, const Context& context) const;
    bool holds_for(const Value& value, const Context& context) const;

    std::string name_;
    const OperatorRow* row_ = nullptr;
    Quantifier quantifier_ = Quantifier::none;
    bool if_exists_ = false;
    Variable key_;
    std::vector<Operand> operands_;
};

// The names of the operators, as the test of the table lists them.
std::vector<std::string> operator_names();

}  // namespace helio::bridge::policy
