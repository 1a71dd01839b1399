// Statements and expressions, evaluated on a message.
//
// A MessageScope lives while one message goes through all rules, so that its payload is parsed
// once, and only where a rule asks for it; an Evaluation is one statement on that message.
#pragma once

#include "base/time.h"
#include "bridge/rules/message.h"
#include "bridge/rules/sql/arena.h"
#include "bridge/rules/sql/ast.h"
#include "bridge/rules/sql/json.h"
#include "bridge/rules/sql/time_zone.h"
#include "crypto/random.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::rules::sql {

// No string or array is made larger than this: what would be is Undefined.
inline constexpr std::size_t kMaxValueSize = 1u << 20;

// What outlives a message and is shared by all of them.
struct Machinery {
    Arena arena;
    JsonReader reader;
    crypto::Random random;
    std::string account;
    TimeZones zones{};
};

class MessageScope {
  public:
    // Takes the arena: what an earlier MessageScope made is gone.
    MessageScope(const Message& message, Instant now, Machinery& machinery);

    const Message& message() const { return message_; }
    Instant now() const { return now_; }
    Machinery& machinery() { return machinery_; }
    Arena& arena() { return machinery_.arena; }
    // Without "$aws/rules/{rule}/".
    std::string_view topic() const { return topic_; }
    // JSON, or Binary where it is none.
    const Value& payload() { return parsed_ ? payload_ : parse_payload(); }
    // A UUID, the same for every rule.
    std::string_view trace_id();

  private:
    const Value& parse_payload();

    const Message& message_;
    Instant now_;
    Machinery& machinery_;
    std::string_view topic_;
    bool parsed_ = false;
    Value payload_;
    std::string trace_id_;
};

class Evaluation {
  public:
    // Evaluates the variables of SET.  Both must outlive this.
    Evaluation(const Statement& statement, MessageScope& scope);
    // Without a statement: for templates that use no variables.
    Evaluation(Version version, MessageScope& scope) : scope_(scope), version_(version) {}

    // True where there is no WHERE, or its value is true.
    bool is_selected();
    // The outgoing payload.  Call it where is_selected().
    Value select();
    Value evaluate(const Expression& expression);

    MessageScope& scope() { return scope_; }
    Version version() const { return version_; }
    Arena& arena() { return scope_.arena(); }

    // Text that lives as long as the message; Undefined where it is too long.
    Value make_string(std::string_view text);
    // Loops over values that the message brought ask first, with what they will look at: loops in
    // loops must not keep the server from its other work.
    bool may_visit(std::size_t values) {
        const bool may = values <= kMaxVisited - visited_;
        if (may) visited_ += values;
        return may;
    }
    // A buffer for building text, empty at first.
    std::string& scratch() {
        scratch_.clear();
        return scratch_;
    }

  private:
    friend struct Evaluator;

    static constexpr std::size_t kMaxVisited = 2'000'000;

    MessageScope& scope_;
    Version version_;
    const Statement* statement_ = nullptr;
    std::vector<Value> variables_;
    const Value* element_ = nullptr;  // of the nested SELECT that is at work; null: the payload
    std::string_view alias_;          // the element's name there; empty: it has none
    std::size_t visited_ = 0;
    std::string scratch_;
};

// What an action gets: the bytes of a Binary as they are, else JSON.
void append_output(Bytes& out, const Value& value, Version version);

}  // namespace helio::bridge::rules::sql
