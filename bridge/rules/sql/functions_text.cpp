// chr() to upper(): functions of text.
#include "bridge/rules/sql/conversion.h"
#include "bridge/rules/sql/evaluation.h"
#include "bridge/rules/sql/function.h"
#include "bridge/rules/sql/regex.h"
#include "bridge/rules/sql/utf8.h"

#include <algorithm>
#include <array>

namespace helio::bridge::rules::sql {
namespace {

// The arguments of a call as text; those that are no text already are converted.
class Texts {
  public:
    Texts(const Arguments& arguments, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            const Value& value = arguments.values[i];
            if (value.is(Type::string)) {
                views_[i] = value.as_string();
                continue;
            }
            const Version version = arguments.evaluation.version();
            valid_ = valid_ && append_string(converted_[i], value, version);
            views_[i] = converted_[i];
        }
    }
    explicit operator bool() const { return valid_; }
    std::string_view operator[](std::size_t i) const { return views_[i]; }

  private:
    std::array<std::string, 3> converted_;
    std::array<std::string_view, 3> views_;
    bool valid_ = true;
};

// A whole number as a position: below 0 is 0, above the text is its end.
std::optional<std::size_t> position(const Value& value, std::size_t end) {
    const auto number = to_floor(value);
    if (!number) return std::nullopt;
    if (number->coefficient < 0) return 0;
    const auto index = to_int64(*number);
    if (!index || static_cast<std::uint64_t>(*index) > end) return end;
    return static_cast<std::size_t>(*index);
}

Value chr(const Arguments& a) {
    const auto number = to_floor(a[0]);
    const auto code = number ? to_int64(*number) : std::nullopt;
    if (!code || *code < 0 || *code > 127) return {};
    const char c = static_cast<char>(*code);
    return a.evaluation.make_string({&c, 1});
}

Value concat_arrays(const Arguments& a) {
    std::size_t size = 0;
    for (const Value& v : a.values) size += v.is(Type::array) ? v.as_array().size() : 1;
    Value* items = a.evaluation.arena().allocate<Value>(size);
    if (!items) return {};
    Value* at = items;
    for (const Value& v : a.values) {
        if (v.is(Type::array)) {
            at = std::ranges::copy(v.as_array(), at).out;
        } else if (!v.is_undefined()) {
            *at++ = v;
        }
    }
    return Value::array({items, static_cast<std::size_t>(at - items)});
}

Value concat(const Arguments& a) {
    if (a.size() == 1) return a[0];
    const auto is_array = [](const Value& v) { return v.is(Type::array); };
    if (std::ranges::any_of(a.values, is_array)) return concat_arrays(a);
    std::string& text = a.evaluation.scratch();
    for (const Value& v : a.values) {
        if (!append_string(text, v, a.evaluation.version())) return {};
    }
    return a.evaluation.make_string(text);
}

Value endswith(const Arguments& a) {
    const Texts t(a, 2);
    return t ? Value::boolean(t[0].ends_with(t[1])) : Value();
}
Value startswith(const Arguments& a) {
    const Texts t(a, 2);
    return t ? Value::boolean(t[0].starts_with(t[1])) : Value();
}

Value indexof(const Arguments& a) {
    const Texts t(a, 2);
    if (!t) return {};
    const std::size_t at = t[0].find(t[1]);
    if (at == std::string_view::npos) return Value::integer(-1);
    return Value::integer(static_cast<std::int64_t>(count_characters(t[0].substr(0, at))));
}

Value length(const Arguments& a) {
    const Texts t(a, 1);
    return t ? Value::integer(static_cast<std::int64_t>(count_characters(t[0]))) : Value();
}
Value numbytes(const Arguments& a) {
    const Texts t(a, 1);
    return t ? Value::integer(static_cast<std::int64_t>(t[0].size())) : Value();
}

template <char First, char Last, int Shift>
Value change_case(const Arguments& a) {
    const Texts t(a, 1);
    if (!t) return {};
    std::string& text = a.evaluation.scratch();
    text = t[0];
    for (char& c : text) {
        if (c >= First && c <= Last) c = static_cast<char>(c + Shift);
    }
    return a.evaluation.make_string(text);
}

// The documentation's pads add a number of blanks; they do not fill up to a width.
template <bool Left>
Value pad(const Arguments& a) {
    constexpr std::size_t kMaxBlanks = 1'000;
    const Texts t(a, 1);
    const auto blanks = position(a[1], kMaxBlanks);
    if (!t || !blanks) return {};
    std::string& text = a.evaluation.scratch();
    if (Left) text.append(*blanks, ' ');
    text += t[0];
    if (!Left) text.append(*blanks, ' ');
    return a.evaluation.make_string(text);
}

template <bool Left, bool Right>
Value trim(const Arguments& a) {
    const Texts t(a, 1);
    if (!t) return {};
    std::string_view text = t[0];
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    while (Left && !text.empty() && blank(text.front())) text.remove_prefix(1);
    while (Right && !text.empty() && blank(text.back())) text.remove_suffix(1);
    return a.evaluation.make_string(text);
}

Value replace(const Arguments& a) {
    const Texts t(a, 3);
    if (!t) return {};
    if (t[1].empty()) return a.evaluation.make_string(t[0]);
    std::string& text = a.evaluation.scratch();
    std::size_t done = 0;
    for (std::size_t at = t[0].find(t[1]); at != std::string_view::npos;
         at = t[0].find(t[1], done)) {
        text.append(t[0], done, at - done);
        text += t[2];
        done = at + t[1].size();
        if (text.size() > kMaxValueSize) return {};
    }
    text.append(t[0], done);
    return a.evaluation.make_string(text);
}

Value substring(const Arguments& a) {
    const Texts t(a, 1);
    if (!t) return {};
    const std::size_t size = count_characters(t[0]);
    const auto begin = position(a[1], size);
    const auto end = a.size() > 2 ? position(a[2], size) : size;
    if (!begin || !end) return {};
    if (*begin >= *end) return Value::string("");
    const std::size_t from = character_offset(t[0], *begin);
    const std::string_view rest = t[0].substr(from);
    return a.evaluation.make_string(rest.substr(0, character_offset(rest, *end - *begin)));
}

// The pattern as it was compiled with the rule, or now where it comes from the message.
std::shared_ptr<const Regex> pattern_of(const Arguments& a, const Texts& texts) {
    if (a.regex) return {std::shared_ptr<const Regex>(), a.regex};
    return Regex::compile(texts[1]);
}

Value regexp_matches(const Arguments& a) {
    const Texts t(a, 2);
    const auto regex = t ? pattern_of(a, t) : nullptr;
    return regex ? Value::boolean(regex->matches(t[0])) : Value();
}
Value regexp_replace(const Arguments& a) {
    const Texts t(a, 3);
    const auto regex = t ? pattern_of(a, t) : nullptr;
    if (!regex) return {};
    const auto text = regex->replace(t[0], t[2], kMaxValueSize);
    return text ? a.evaluation.make_string(*text) : Value();
}
Value regexp_substr(const Arguments& a) {
    const Texts t(a, 2);
    const auto regex = t ? pattern_of(a, t) : nullptr;
    const auto match = regex ? regex->find(t[0]) : std::nullopt;
    return match ? a.evaluation.make_string(*match) : Value();
}

constexpr auto kOld = Version::v2015_10_08;
constexpr auto kNew = Version::v2016_03_23;

constexpr Function kFunctions[] = {
    {"chr", 1, 1, kOld, chr},
    {"concat", 1, Function::kAny, kOld, concat},
    {"endswith", 2, 2, kOld, endswith},
    {"indexof", 2, 2, kNew, indexof},
    {"length", 1, 1, kNew, length},
    {"lower", 1, 1, kOld, change_case<'A', 'Z', 'a' - 'A'>},
    {"lpad", 2, 2, kOld, pad<true>},
    {"ltrim", 1, 1, kOld, trim<true, false>},
    {"numbytes", 1, 1, kNew, numbytes},
    {"regexp_matches", 2, 2, kOld, regexp_matches, true},
    {"regexp_replace", 3, 3, kOld, regexp_replace, true},
    {"regexp_substr", 2, 2, kOld, regexp_substr, true},
    {"replace", 3, 3, kOld, replace},
    {"rpad", 2, 2, kOld, pad<false>},
    {"rtrim", 1, 1, kOld, trim<false, true>},
    {"startswith", 2, 2, kOld, startswith},
    {"substring", 2, 3, kOld, substring},
    {"trim", 1, 1, kOld, trim<true, true>},
    {"upper", 1, 1, kOld, change_case<'a', 'z', 'A' - 'a'>},
};

}  // namespace

std::span<const Function> text_functions() { return kFunctions; }

}  // namespace helio::bridge::rules::sql
