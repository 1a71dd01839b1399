// A value of IoT SQL: 24 bytes, copied freely, with text, arrays and objects in the arena of the
// message.
//
// Undefined is what an attribute is that the payload does not have; Null is JSON's null.  Binary is
// a payload that is no JSON: it can be encoded and handed on, nothing else.
#pragma once

#include "base/bytes.h"
#include "bridge/rules/sql/decimal.h"

#include <span>
#include <string_view>

namespace helio::bridge::rules::sql {

enum class Type : std::uint8_t {
    undefined,
    null,
    boolean,
    integer,
    decimal,
    string,
    array,
    object,
    binary,
};

struct Member;

class Value {
  public:
    constexpr Value() : type_(Type::undefined), exponent_(0), pointer_(nullptr), size_(0) {}

    static Value null() { return Value(Type::null); }
    static Value boolean(bool value) {
        Value v(Type::boolean);
        v.size_ = value ? 1 : 0;
        return v;
    }
    static Value integer(std::int64_t value) { return number(Type::integer, decimal_of(value)); }
    // `value` as Int where it is whole and short enough, else as Decimal.
    static Value number(const Decimal& value) {
        return number(value.is_int() ? Type::integer : Type::decimal, value);
    }
    // A Decimal also where it is whole: "10.0".
    static Value decimal(const Decimal& value) { return number(Type::decimal, value); }
    static Value string(std::string_view text) {
        return Value(Type::string, text.data(), text.size());
    }
    static Value array(std::span<const Value> items) {
        return Value(Type::array, items.data(), items.size());
    }
    static Value object(std::span<const Member> members);
    static Value binary(ByteView bytes) { return Value(Type::binary, bytes.data(), bytes.size()); }

    Type type() const { return type_; }
    bool is(Type type) const { return type_ == type; }
    bool is_undefined() const { return type_ == Type::undefined; }
    bool is_number() const { return type_ == Type::integer || type_ == Type::decimal; }
    bool is_true() const { return type_ == Type::boolean && size_ != 0; }

    // Each only of a value of that type.
    bool as_boolean() const { return size_ != 0; }
    Decimal as_number() const {
        return {static_cast<Int128>(static_cast<unsigned __int128>(high_) << 64 | size_),
                exponent_};
    }
    std::string_view as_string() const { return {static_cast<const char*>(pointer_), size_}; }
    std::span<const Value> as_array() const { return {static_cast<const Value*>(pointer_), size_}; }
    std::span<const Member> as_object() const;
    ByteView as_binary() const { return {static_cast<const std::uint8_t*>(pointer_), size_}; }

    // The member `key` of an object; Undefined of anything else.
    Value get(std::string_view key) const;

  private:
    explicit Value(Type type) : type_(type), exponent_(0), pointer_(nullptr), size_(0) {}
    Value(Type type, const void* data, std::size_t size)
        : type_(type), exponent_(0), pointer_(data), size_(size) {}
    static Value number(Type type, const Decimal& value) {
        Value v(type);
        v.exponent_ = static_cast<std::int16_t>(value.exponent);
        v.high_ =
            static_cast<std::uint64_t>(static_cast<unsigned __int128>(value.coefficient) >> 64);
        v.size_ = static_cast<std::uint64_t>(value.coefficient);
        return v;
    }

    Type type_;
    std::int16_t exponent_;
    union {
        const void* pointer_;
        std::uint64_t high_;  // of a number's coefficient; size_ holds the low half
    };
    std::uint64_t size_;
};
static_assert(sizeof(Value) == 24);

struct Member {
    std::string_view key;
    Value value;
};

inline Value Value::object(std::span<const Member> members) {
    return Value(Type::object, members.data(), members.size());
}
inline std::span<const Member> Value::as_object() const {
    return {static_cast<const Member*>(pointer_), size_};
}
inline Value Value::get(std::string_view key) const {
    if (type_ != Type::object) return {};
    for (const Member& member : as_object()) {
        if (member.key == key) return member.value;
    }
    return {};
}

}  // namespace helio::bridge::rules::sql
