#include "bridge/rules/sql/json.h"

#include "bridge/integration/json_text.h"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>

namespace helio::bridge::rules::sql {
namespace {

using boost::system::error_code;
using Text = boost::json::string_view;

constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kFewMembers = 16;

// Builds values bottom up: what is complete waits on a stack until its array or object ends.
struct Builder {
    static constexpr std::size_t max_object_size = -1;
    static constexpr std::size_t max_array_size = -1;
    static constexpr std::size_t max_key_size = -1;
    static constexpr std::size_t max_string_size = -1;

    Arena* arena = nullptr;
    std::vector<Value> stack;  // of an object: key, value, key, value ...
    std::string part;          // of a string, key or number that comes in pieces
    std::vector<std::size_t> order;

    bool fail(error_code& ec) {
        ec = boost::json::error::exception;
        return false;
    }
    bool text(Text last, error_code& ec) {
        const std::size_t size = part.size() + last.size();
        char* copy = arena->allocate<char>(size);
        if (!copy) return fail(ec);
        part.copy(copy, part.size());
        std::copy(last.begin(), last.end(), copy + part.size());
        part.clear();
        stack.push_back(Value::string({copy, size}));
        return true;
    }
    bool add_part(Text piece) {
        part.append(piece.data(), piece.size());
        return true;
    }
    bool number(Text last, error_code& ec) {
        add_part(last);
        const auto value = parse_decimal(part);
        const bool is_int = part.find_first_of(".eE") == std::string::npos;
        part.clear();
        if (!value) return fail(ec);
        stack.push_back(is_int && value->is_int() ? Value::number(*value) : Value::decimal(*value));
        return true;
    }

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }
    bool on_object_begin(error_code&) { return true; }
    bool on_object_end(std::size_t count, error_code& ec) {
        Member* members = arena->allocate<Member>(count);
        if (!members) return fail(ec);
        const Value* pairs = stack.data() + stack.size() - 2 * count;
        for (std::size_t i = 0; i < count; ++i) {
            members[i] = {pairs[2 * i].as_string(), pairs[2 * i + 1]};
        }
        stack.resize(stack.size() - 2 * count);
        stack.push_back(Value::object({members, without_duplicates({members, count})}));
        return true;
    }
    bool on_array_begin(error_code&) { return true; }
    bool on_array_end(std::size_t count, error_code& ec) {
        Value* items = arena->allocate<Value>(count);
        if (!items) return fail(ec);
        std::copy(stack.end() - static_cast<std::ptrdiff_t>(count), stack.end(), items);
        stack.resize(stack.size() - count);
        stack.push_back(Value::array({items, count}));
        return true;
    }
    bool on_key_part(Text piece, std::size_t, error_code&) { return add_part(piece); }
    bool on_key(Text last, std::size_t, error_code& ec) { return text(last, ec); }
    bool on_string_part(Text piece, std::size_t, error_code&) { return add_part(piece); }
    bool on_string(Text last, std::size_t, error_code& ec) { return text(last, ec); }
    bool on_number_part(Text piece, error_code&) { return add_part(piece); }
    bool on_int64(std::int64_t value, Text, error_code&) {
        part.clear();
        stack.push_back(Value::integer(value));
        return true;
    }
    bool on_uint64(std::uint64_t value, Text, error_code&) {
        part.clear();
        stack.push_back(Value::number(Decimal{static_cast<Int128>(value), 0}));
        return true;
    }
    bool on_double(double, Text last, error_code& ec) { return number(last, ec); }
    bool on_bool(bool value, error_code&) {
        stack.push_back(Value::boolean(value));
        return true;
    }
    bool on_null(error_code&) {
        stack.push_back(Value::null());
        return true;
    }
    bool on_comment_part(Text, error_code&) { return true; }
    bool on_comment(Text, error_code&) { return true; }

    // Of equal keys the last member stays, at the place of the first.
    std::size_t without_duplicates(std::span<Member> members) {
        if (members.size() > kFewMembers) {
            order.resize(members.size());
            for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
            std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
                return members[a].key != members[b].key ? members[a].key < members[b].key : a < b;
            });
            const auto same = [&](std::size_t a, std::size_t b) {
                return members[a].key == members[b].key;
            };
            if (std::ranges::adjacent_find(order, same) == order.end()) return members.size();
            return drop_sorted_duplicates(members);
        }
        std::size_t kept = 0;
        for (const Member& member : members) {
            const auto first = std::find_if(members.begin(),
                                            members.begin() + static_cast<std::ptrdiff_t>(kept),
                                            [&](const Member& m) { return m.key == member.key; });
            if (first != members.begin() + static_cast<std::ptrdiff_t>(kept)) {
                first->value = member.value;
            } else {
                members[kept++] = member;
            }
        }
        return kept;
    }
    // `order` sorts the members by key, then place.
    std::size_t drop_sorted_duplicates(std::span<Member> members) const {
        std::vector<bool> dropped(members.size());
        for (std::size_t i = 0; i + 1 < order.size(); ++i) {
            std::size_t last = i;
            while (last + 1 < order.size() &&
                   members[order[last + 1]].key == members[order[i]].key) {
                dropped[order[++last]] = true;
            }
            members[order[i]].value = members[order[last]].value;
            i = last;
        }
        std::size_t kept = 0;
        for (std::size_t i = 0; i < members.size(); ++i) {
            if (!dropped[i]) members[kept++] = members[i];
        }
        return kept;
    }
};

boost::json::parse_options options() {
    boost::json::parse_options options;
    options.max_depth = kMaxDepth;
    return options;
}

void append_number(std::string& out, const Value& value, Version version) {
    append_decimal(out, value.as_number());
    const bool shows_point = value.is(Type::decimal) && value.as_number().is_int();
    if (shows_point && version == Version::v2015_10_08) out += ".0";
}

void append_object(std::string& out, const Value& value, Version version) {
    out += '{';
    bool first = true;
    for (const Member& member : value.as_object()) {
        if (member.value.is_undefined()) continue;
        if (!first) out += ',';
        first = false;
        integration::append_json_string(out, member.key);
        out += ':';
        append_json(out, member.value, version);
    }
    out += '}';
}

void append_array(std::string& out, const Value& value, Version version) {
    out += '[';
    bool first = true;
    for (const Value& item : value.as_array()) {
        if (item.is_undefined()) continue;
        if (!first) out += ',';
        first = false;
        append_json(out, item, version);
    }
    out += ']';
}

}  // namespace

struct JsonReader::State {
    boost::json::basic_parser<Builder> parser{options()};
};

JsonReader::JsonReader() : state_(std::make_unique<State>()) {}
JsonReader::~JsonReader() = default;

std::optional<Value> JsonReader::read(std::string_view text, Arena& arena) {
    auto& parser = state_->parser;
    parser.reset();
    Builder& builder = parser.handler();
    builder.arena = &arena;
    builder.stack.clear();
    builder.part.clear();
    error_code ec;
    const std::size_t read = parser.write_some(false, text.data(), text.size(), ec);
    if (ec || read != text.size() || builder.stack.size() != 1) return std::nullopt;
    return builder.stack.front();
}

void append_json(std::string& out, const Value& value, Version version) {
    switch (value.type()) {
        case Type::undefined:
            return;
        case Type::null:
            out += "null";
            return;
        case Type::boolean:
            integration::append_bool(out, value.as_boolean());
            return;
        case Type::integer:
        case Type::decimal:
            return append_number(out, value, version);
        case Type::string:
            return integration::append_json_string(out, value.as_string());
        case Type::array:
            return append_array(out, value, version);
        case Type::object:
            return append_object(out, value, version);
        case Type::binary:
            out += '"';
            integration::append_base64(out, value.as_binary());
            out += '"';
            return;
    }
}

}  // namespace helio::bridge::rules::sql
