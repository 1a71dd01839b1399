// decode() to transform(): functions that look into values or change their form.
#include "base/base64.h"
#include "bridge/integration/json_text.h"
#include "bridge/rules/sql/conversion.h"
#include "bridge/rules/sql/evaluation.h"
#include "bridge/rules/sql/function.h"
#include "bridge/rules/sql/utf8.h"
#include "crypto/digest.h"

#include <algorithm>

namespace helio::bridge::rules::sql {
namespace {

bool is_base64(const Value& encoding) {
    return encoding.is(Type::string) && encoding.as_string() == "base64";
}

// What is JSON becomes its value, other text a String; what is no base64, or no text, Null.
Value decode(const Arguments& a) {
    if (!is_base64(a[1])) return {};
    std::string& encoded = a.evaluation.scratch();
    if (a[0].is(Type::binary)) {
        encoded = text_of(a[0].as_binary());
    } else if (!append_string(encoded, a[0], a.evaluation.version())) {
        return {};
    }
    const auto bytes = from_base64(encoded);
    if (!bytes) return Value::null();
    JsonReader& reader = a.evaluation.scope().machinery().reader;
    if (const auto json = reader.read(text_of(*bytes), a.evaluation.arena())) return *json;
    return a.evaluation.make_string(text_of(*bytes));
}

// `*` is encoded byte for byte, anything else as its text.
Value encode(const Arguments& a) {
    if (!is_base64(a[1])) return {};
    std::string text;
    ByteView bytes;
    if (a[0].is(Type::binary)) {
        bytes = a[0].as_binary();
    } else {
        if (!append_string(text, a[0], a.evaluation.version())) return {};
        bytes = bytes_of(text);
    }
    std::string& encoded = a.evaluation.scratch();
    integration::append_base64(encoded, bytes);
    return a.evaluation.make_string(encoded);
}

Value get(const Arguments& a) {
    if (a[0].is(Type::object)) return a[1].is(Type::string) ? a[0].get(a[1].as_string()) : Value();
    const auto number = to_whole(a[1]);
    const auto index = number ? to_int64(*number) : std::nullopt;
    if (!index || *index < 0) return {};
    const auto at = static_cast<std::size_t>(*index);
    if (a[0].is(Type::array)) return at < a[0].as_array().size() ? a[0].as_array()[at] : Value();
    if (!a[0].is(Type::string)) return {};
    std::string_view text = a[0].as_string();
    text.remove_prefix(character_offset(text, at));
    return text.empty() ? Value() : Value::string(text.substr(0, character_offset(text, 1)));
}

Value get_or_default(const Arguments& a) {
    const bool missing = a[0].is_undefined() || a[0].is(Type::null);
    return missing ? a[1] : a[0];
}

Value is_null(const Arguments& a) { return Value::boolean(a[0].is(Type::null)); }
Value is_undefined(const Arguments& a) { return Value::boolean(a[0].is_undefined()); }

template <crypto::Digest D>
Value digest(const Arguments& a) {
    std::string& text = a.evaluation.scratch();
    if (!append_string(text, a[0], a.evaluation.version())) return {};
    return a.evaluation.make_string(to_hex(crypto::digest(D, bytes_of(text))));
}

// The members of both; those of `first` come first and win.
Value merge(std::span<const Member> first, std::span<const Member> second, Arena& arena) {
    Member* members = arena.allocate<Member>(first.size() + second.size());
    if (!members) return {};
    Member* end = std::ranges::copy(first, members).out;
    for (const Member& member : second) {
        if (Value::object(first).get(member.key).is_undefined()) *end++ = member;
    }
    return Value::object({members, static_cast<std::size_t>(end - members)});
}

// transform('enrichArray', attributes, array): each element with the attributes added.
Value transform(const Arguments& a) {
    const bool enrich = a[0].is(Type::string) && a[0].as_string() == "enrichArray";
    if (!enrich || !a[1].is(Type::object) || !a[2].is(Type::array)) return {};
    Arena& arena = a.evaluation.arena();
    const auto elements = a[2].as_array();
    Value* items = arena.allocate<Value>(elements.size());
    if (!items) return {};
    for (std::size_t i = 0; i < elements.size(); ++i) {
        items[i] = elements[i].is(Type::object)
                       ? merge(elements[i].as_object(), a[1].as_object(), arena)
                       : elements[i];
    }
    return Value::array({items, elements.size()});
}

constexpr auto kOld = Version::v2015_10_08;
constexpr auto kNew = Version::v2016_03_23;

constexpr Function kFunctions[] = {
    {"decode", 2, 2, kNew, decode},
    {"encode", 2, 2, kNew, encode, false, true},
    {"get", 2, 2, kOld, get},
    {"get_or_default", 1, 2, kOld, get_or_default},
    {"isnull", 1, 1, kOld, is_null},
    {"isundefined", 1, 1, kNew, is_undefined},
    {"md5", 1, 1, kOld, digest<crypto::Digest::md5>},
    {"nanvl", 2, 2, kOld, get_or_default},
    {"sha1", 1, 1, kOld, digest<crypto::Digest::sha1>},
    {"sha224", 1, 1, kOld, digest<crypto::Digest::sha224>},
    {"sha256", 1, 1, kOld, digest<crypto::Digest::sha256>},
    {"sha384", 1, 1, kOld, digest<crypto::Digest::sha384>},
    {"sha512", 1, 1, kOld, digest<crypto::Digest::sha512>},
    {"transform", 3, 3, kNew, transform},
};

}  // namespace

std::span<const Function> value_functions() { return kFunctions; }

}  // namespace helio::bridge::rules::sql
