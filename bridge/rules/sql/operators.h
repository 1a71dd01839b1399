// The operators of IoT SQL on values.  What has no result is Undefined.
#pragma once

#include "bridge/rules/sql/ast.h"
#include "bridge/rules/sql/value.h"

namespace helio::bridge::rules::sql {

class Evaluation;

// Of numbers by value, of text exactly, of arrays in order, of objects in any order; values of
// different types are not equal.  Neither operand is Undefined.
bool equal(const Value& a, const Value& b);

Value apply(BinaryOperator op, const Value& left, const Value& right, Evaluation& evaluation);
Value apply(UnaryOperator op, const Value& operand, Evaluation& evaluation);

}  // namespace helio::bridge::rules::sql
