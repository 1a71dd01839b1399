#include "bridge/rules/sql/evaluation.h"

#include "bridge/rules/basic_ingest.h"
#include "bridge/rules/sql/conversion.h"
#include "bridge/rules/sql/function.h"
#include "bridge/rules/sql/operators.h"

#include <algorithm>
#include <array>
#include <utility>

namespace helio::bridge::rules::sql {
namespace {

constexpr std::string_view kKeyOfBinary = "payload";

std::size_t members_of(const Select& select, const Value& scope) {
    std::size_t count = 0;
    for (const SelectItem& item : select.items) {
        count += item.key.empty() && scope.is(Type::object) ? scope.as_object().size() : 1;
    }
    return count;
}

}  // namespace

// The members of an object that is being built, in the arena.
struct ObjectBuilder {
    Member* members;
    std::size_t size = 0;

    void set(std::string_view key, const Value& value) {
        if (value.is_undefined()) return;
        for (std::size_t i = 0; i < size; ++i) {
            if (members[i].key == key) {
                members[i].value = value;
                return;
            }
        }
        members[size++] = {key, value};
    }
    // `from` has no key twice: only the keys that were here before can meet it again.
    void add_all(std::span<const Member> from) {
        const std::size_t before = size;
        for (const Member& member : from) {
            const auto end = members + before;
            const auto old =
                std::find_if(members, end, [&](const Member& m) { return m.key == member.key; });
            (old != end ? *old : members[size++]) = member;
        }
    }
    Value value() const { return Value::object({members, size}); }
};

struct Evaluator {
    Evaluation& e;

    const Value& scope() const { return e.element_ ? *e.element_ : e.scope_.payload(); }

    Value find(const Path& path) const {
        Value value = scope();
        std::span<const std::string_view> segments = path.segments;
        if (!e.alias_.empty() && segments.front() == e.alias_) segments = segments.subspan(1);
        for (const std::string_view segment : segments) value = value.get(segment);
        return value;
    }

    // -- one function an alternative of Expression -----------------------------------------------

    Value operator()(const Literal& literal) const { return literal.value; }
    Value operator()(const Path& path) const { return find(path); }
    Value operator()(const Star&) const { return scope(); }
    Value operator()(const Variable& variable) const { return e.variables_[variable.index]; }

    Value operator()(const Access& access) const {
        Value value = e.evaluate(*access.object);
        for (const std::string_view segment : access.segments) value = value.get(segment);
        return value;
    }
    Value operator()(const Unary& unary) const {
        return apply(unary.op, e.evaluate(*unary.operand), e);
    }
    Value operator()(const Binary& binary) const {
        const Value left = e.evaluate(*binary.left);
        return apply(binary.op, left, e.evaluate(*binary.right), e);
    }
    Value operator()(const Cast& c) const { return cast(e.evaluate(*c.operand), c.type, e); }

    Value operator()(const Call& call) const {
        constexpr std::size_t kFew = 8;
        const std::size_t count = call.arguments.size();
        const Function& function = *call.function;
        const bool fits =
            count >= function.min_arguments &&
            (function.max_arguments == Function::kAny || count <= function.max_arguments);
        if (!fits) return {};
        std::array<Value, kFew> few;
        Value* values = count <= kFew ? few.data() : e.arena().allocate<Value>(count);
        if (!values) return {};
        for (std::size_t i = 0; i < count; ++i) {
            values[i] = argument(call.arguments[i], function.takes_bytes);
        }
        return function.evaluate({{values, count}, e, call.regex.get()});
    }

    Value argument(const Expression& expression, bool takes_bytes) const {
        const bool star = std::holds_alternative<Star>(expression.node);
        if (star && takes_bytes && !e.element_) return Value::binary(e.scope_.message().payload);
        return e.evaluate(expression);
    }

    Value operator()(const Case& c) const {
        const Value value = e.evaluate(*c.value);
        if (value.is_undefined()) return {};
        for (const Case::When& when : c.whens) {
            const Value candidate = e.evaluate(*when.value);
            if (!candidate.is_undefined() && equal(value, candidate))
                return e.evaluate(*when.result);
        }
        return c.otherwise ? e.evaluate(*c.otherwise) : Value();
    }

    Value operator()(const ObjectLiteral& literal) const {
        ObjectBuilder object{e.arena().allocate<Member>(literal.entries.size())};
        if (!object.members) return {};
        for (const auto& entry : literal.entries) object.set(entry.key, e.evaluate(*entry.value));
        return object.value();
    }

    Value operator()(const ArrayLiteral& literal) const {
        Value* items = e.arena().allocate<Value>(literal.items.size());
        if (!items) return {};
        std::size_t size = 0;
        for (const Expression& item : literal.items) {
            const Value value = e.evaluate(item);
            if (!value.is_undefined()) items[size++] = value;
        }
        return Value::array({items, size});
    }

    // Over an array: the array of what each element gives; over an object: what that gives.
    Value operator()(const Subquery& query) const {
        const Value from = find(query.from);
        const Value* const outer = e.element_;
        const std::string_view outer_alias = std::exchange(e.alias_, query.alias);
        Value result;
        if (from.is(Type::array)) {
            result = select_each(*query.select, from.as_array());
        } else if (from.is(Type::object)) {
            e.element_ = &from;
            result = select_where(*query.select);
        }
        e.element_ = outer;
        e.alias_ = outer_alias;
        return result;
    }
    Value select_each(const Select& select, std::span<const Value> elements) const {
        Value* items = e.arena().allocate<Value>(elements.size());
        if (!items || !e.may_visit(elements.size())) return {};
        std::size_t size = 0;
        for (const Value& element : elements) {
            e.element_ = &element;
            const Value value = select_where(select);
            if (!value.is_undefined()) items[size++] = value;
        }
        return Value::array({items, size});
    }

    // -- SELECT ----------------------------------------------------------------------------------

    bool is_true(const ExpressionPtr& where) const {
        return !where || to_boolean(e.evaluate(*where)).value_or(false);
    }
    Value select_where(const Select& select) const {
        return is_true(select.where) ? this->select(select) : Value();
    }

    Value select(const Select& select) const {
        const SelectItem& first = select.items.front();
        const bool only_star = select.items.size() == 1 && first.key.empty();
        if (select.value_only || only_star) return e.evaluate(first.expression);
        ObjectBuilder object{e.arena().allocate<Member>(members_of(select, scope()) + 1)};
        if (!object.members) return {};
        for (const SelectItem& item : select.items) {
            if (item.key.empty()) {
                add_star(object);
            } else {
                set_path(object, item.key, e.evaluate(item.expression));
            }
        }
        return object.value();
    }

    void add_star(ObjectBuilder& object) const {
        const Value& all = scope();
        if (all.is(Type::binary)) return object.set(kKeyOfBinary, all);
        if (!all.is(Type::object)) return;
        object.add_all(all.as_object());
    }

    // `AS a.b`: into the object that an earlier item put at `a`, else into a new one.
    void set_path(ObjectBuilder& object,
                  std::span<const std::string_view> path,
                  const Value& value) const {
        if (path.size() == 1 || value.is_undefined()) return object.set(path.front(), value);
        const Value old = object.value().get(path.front());
        const auto members = old.is(Type::object) ? old.as_object() : std::span<const Member>();
        ObjectBuilder inner{e.arena().allocate<Member>(members.size() + 1)};
        if (!inner.members) return;
        inner.add_all(members);
        set_path(inner, path.subspan(1), value);
        object.set(path.front(), inner.value());
    }
};

MessageScope::MessageScope(const Message& message, Instant now, Machinery& machinery)
    : message_(message), now_(now), machinery_(machinery), topic_(message.topic) {
    if (const auto ingest = parse_basic_ingest(message.topic)) topic_ = ingest->topic;
    machinery_.arena.reset();
}

const Value& MessageScope::parse_payload() {
    parsed_ = true;
    const auto value = machinery_.reader.read(text_of(message_.payload), machinery_.arena);
    payload_ = value ? *value : Value::binary(message_.payload);
    return payload_;
}

std::string_view MessageScope::trace_id() {
    if (trace_id_.empty()) trace_id_ = crypto::uuid4(machinery_.random);
    return trace_id_;
}

Evaluation::Evaluation(const Statement& statement, MessageScope& scope)
    : scope_(scope), version_(statement.version), statement_(&statement) {
    for (const Expression& variable : statement.variables) {
        variables_.push_back(evaluate(variable));
    }
}

bool Evaluation::is_selected() { return Evaluator{*this}.is_true(statement_->select.where); }
Value Evaluation::select() { return Evaluator{*this}.select(statement_->select); }
Value Evaluation::evaluate(const Expression& expression) {
    return std::visit(Evaluator{*this}, expression.node);
}

Value Evaluation::make_string(std::string_view text) {
    if (text.size() > kMaxValueSize) return {};
    char* copy = arena().allocate<char>(text.size());
    if (!copy) return {};
    text.copy(copy, text.size());
    return Value::string({copy, text.size()});
}

void append_output(Bytes& out, const Value& value, Version version) {
    if (value.is(Type::binary)) {
        out.insert(out.end(), value.as_binary().begin(), value.as_binary().end());
        return;
    }
    std::string text;
    append_json(text, value, version);
    out.insert(out.end(), text.begin(), text.end());
}

}  // namespace helio::bridge::rules::sql
