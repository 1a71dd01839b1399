#include "bridge/rules/sql/conversion.h"

#include "bridge/rules/sql/evaluation.h"
#include "bridge/rules/sql/lexer.h"

namespace helio::bridge::rules::sql {
namespace {

// -?\d+(\.\d+)?((?i)E-?\d+)?
bool is_numeric(std::string_view text) {
    std::size_t i = 0;
    const auto digits = [&] {
        const std::size_t begin = i;
        while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
        return i > begin;
    };
    if (i < text.size() && text[i] == '-') ++i;
    if (!digits()) return false;
    if (i < text.size() && text[i] == '.') {
        ++i;
        if (!digits()) return false;
    }
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
        ++i;
        if (i < text.size() && text[i] == '-') ++i;
        if (!digits()) return false;
    }
    return i == text.size();
}

Value cast_to_number(const Value& value, bool to_int, Version version) {
    if (value.is(Type::boolean)) {
        const Decimal bit = decimal_of(std::int64_t{value.as_boolean()});
        return to_int ? Value::number(bit) : number_value(bit, false, version);
    }
    const auto number = to_decimal(value);
    if (!number) return {};
    if (to_int) return Value::number(round(*number, Rounding::floor));
    return number_value(*number, false, version);
}

}  // namespace

std::optional<Decimal> to_decimal(const Value& value) {
    if (value.is_number()) return value.as_number();
    if (value.is(Type::string) && is_numeric(value.as_string())) {
        return parse_decimal(value.as_string());
    }
    return std::nullopt;
}

std::optional<Decimal> to_whole(const Value& value) {
    const auto number = to_decimal(value);
    if (!number) return std::nullopt;
    const bool from_text = value.is(Type::string);
    return round(*number, from_text ? Rounding::towards_zero : Rounding::half_away_from_zero);
}

std::optional<Decimal> to_floor(const Value& value) {
    const auto number = to_decimal(value);
    if (!number) return std::nullopt;
    return round(*number, Rounding::floor);
}

std::optional<bool> to_boolean(const Value& value) {
    if (value.is(Type::boolean)) return value.as_boolean();
    if (value.is(Type::string)) {
        if (equals_ignoring_case(value.as_string(), "true")) return true;
        if (equals_ignoring_case(value.as_string(), "false")) return false;
    }
    return std::nullopt;
}

bool append_string(std::string& out, const Value& value, Version version) {
    switch (value.type()) {
        case Type::string:
            out += value.as_string();
            return true;
        case Type::boolean:
        case Type::integer:
        case Type::decimal:
        case Type::array:
        case Type::object:
            append_json(out, value, version);
            return true;
        case Type::null:
        case Type::undefined:
        case Type::binary:
            break;
    }
    return false;
}

Value cast(const Value& value, CastType type, Evaluation& evaluation) {
    switch (type) {
        case CastType::integer:
            return cast_to_number(value, true, evaluation.version());
        case CastType::decimal:
            return cast_to_number(value, false, evaluation.version());
        case CastType::boolean: {
            if (value.is_number()) return Value::boolean(value.as_number().coefficient != 0);
            const auto boolean = to_boolean(value);
            return boolean ? Value::boolean(*boolean) : Value();
        }
        case CastType::string: {
            if (value.is(Type::string)) return value;
            std::string& text = evaluation.scratch();
            if (!append_string(text, value, evaluation.version())) return {};
            return evaluation.make_string(text);
        }
    }
    return {};
}

}  // namespace helio::bridge::rules::sql
