#include "bridge/rules/sql/operators.h"

#include "bridge/rules/sql/conversion.h"
#include "bridge/rules/sql/evaluation.h"

#include <algorithm>
#include <vector>

namespace helio::bridge::rules::sql {
namespace {

// By key, without what is Undefined.
std::vector<const Member*> sorted_members(std::span<const Member> members) {
    std::vector<const Member*> sorted;
    sorted.reserve(members.size());
    for (const Member& member : members) {
        if (!member.value.is_undefined()) sorted.push_back(&member);
    }
    std::ranges::sort(sorted, {}, [](const Member* member) { return member->key; });
    return sorted;
}

bool equal_objects(std::span<const Member> a, std::span<const Member> b) {
    return std::ranges::equal(
        sorted_members(a), sorted_members(b), [](const Member* x, const Member* y) {
            return x->key == y->key && equal(x->value, y->value);
        });
}

Value logic(BinaryOperator op, const Value& left, const Value& right) {
    const auto a = to_boolean(left);
    const auto b = to_boolean(right);
    if (!a || !b) return {};  // no operand decides alone
    return Value::boolean(op == BinaryOperator::and_ ? *a && *b : *a || *b);
}

Value order(BinaryOperator op, const Value& left, const Value& right) {
    const auto a = to_decimal(left);
    const auto b = to_decimal(right);
    if (!a || !b) return {};
    const int sign = compare(*a, *b);
    switch (op) {
        case BinaryOperator::less:
            return Value::boolean(sign < 0);
        case BinaryOperator::less_equal:
            return Value::boolean(sign <= 0);
        case BinaryOperator::greater:
            return Value::boolean(sign > 0);
        default:
            return Value::boolean(sign >= 0);
    }
}

Value concatenate(const Value& left, const Value& right, Evaluation& evaluation) {
    std::string& text = evaluation.scratch();
    const Version version = evaluation.version();
    if (!append_string(text, left, version) || !append_string(text, right, version)) return {};
    return evaluation.make_string(text);
}

std::optional<Decimal> calculate(BinaryOperator op, const Decimal& a, const Decimal& b) {
    switch (op) {
        case BinaryOperator::add:
            return add(a, b);
        case BinaryOperator::subtract:
            return subtract(a, b);
        case BinaryOperator::multiply:
            return multiply(a, b);
        case BinaryOperator::divide:
            return divide(a, b);
        default:
            return remainder(a, b);
    }
}

Value arithmetic(BinaryOperator op, const Value& left, const Value& right, Evaluation& evaluation) {
    const auto a = to_decimal(left);
    const auto b = to_decimal(right);
    if (!a || !b) return {};
    const Version version = evaluation.version();
    const bool from_ints = is_int(left, version) && is_int(right, version);
    auto result = calculate(op, *a, *b);
    if (!result) return {};
    // 2015-10-08 divides Ints into an Int; later versions give the Decimal, as the SET page of the
    // documentation shows.
    if (op == BinaryOperator::divide && from_ints && version == Version::v2015_10_08) {
        result = round(*result, Rounding::towards_zero);
    }
    return number_value(*result, from_ints, version);
}

std::size_t size_of(const Value& value) {
    if (value.is(Type::array)) return value.as_array().size();
    return value.is(Type::object) ? value.as_object().size() : 0;
}

Value contains(const Value& list, const Value& value, Evaluation& evaluation) {
    if (value.is_undefined() || !list.is(Type::array)) return {};
    if (!evaluation.may_visit(list.as_array().size() * (1 + size_of(value)))) return {};
    return Value::boolean(std::ranges::any_of(
        list.as_array(), [&](const Value& item) { return equal(item, value); }));
}

}  // namespace

bool equal(const Value& a, const Value& b) {
    if (a.is_number() && b.is_number()) return a.as_number() == b.as_number();
    if (a.type() != b.type()) return false;
    switch (a.type()) {
        case Type::boolean:
            return a.as_boolean() == b.as_boolean();
        case Type::string:
            return a.as_string() == b.as_string();
        case Type::array:
            return std::ranges::equal(a.as_array(), b.as_array(), equal);
        case Type::object:
            return equal_objects(a.as_object(), b.as_object());
        case Type::binary:
            return std::ranges::equal(a.as_binary(), b.as_binary());
        case Type::null:
        case Type::undefined:
        case Type::integer:
        case Type::decimal:
            break;
    }
    return true;
}

Value apply(BinaryOperator op, const Value& left, const Value& right, Evaluation& evaluation) {
    switch (op) {
        case BinaryOperator::or_:
        case BinaryOperator::and_:
            return logic(op, left, right);
        case BinaryOperator::equal:
        case BinaryOperator::not_equal:
            if (left.is_undefined() || right.is_undefined()) return {};
            return Value::boolean(equal(left, right) == (op == BinaryOperator::equal));
        case BinaryOperator::in:
            return contains(right, left, evaluation);
        case BinaryOperator::less:
        case BinaryOperator::less_equal:
        case BinaryOperator::greater:
        case BinaryOperator::greater_equal:
            return order(op, left, right);
        case BinaryOperator::add:
            if (left.is(Type::string) || right.is(Type::string)) {
                return concatenate(left, right, evaluation);
            }
            return arithmetic(op, left, right, evaluation);
        case BinaryOperator::subtract:
        case BinaryOperator::multiply:
        case BinaryOperator::divide:
        case BinaryOperator::remainder:
            return arithmetic(op, left, right, evaluation);
    }
    return {};
}

Value apply(UnaryOperator op, const Value& operand, Evaluation& evaluation) {
    if (op == UnaryOperator::not_) {
        const auto boolean = to_boolean(operand);
        return boolean ? Value::boolean(!*boolean) : Value();
    }
    if (op == UnaryOperator::exists) {  // of what a nested SELECT gave
        const bool none = operand.is(Type::array) && operand.as_array().empty();
        return Value::boolean(!operand.is_undefined() && !none);
    }
    const auto number = to_decimal(operand);
    if (!number) return {};
    const bool from_int = is_int(operand, evaluation.version());
    return number_value(negate(*number), from_int, evaluation.version());
}

}  // namespace helio::bridge::rules::sql
