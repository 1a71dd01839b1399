// JSON text to values and back.
#pragma once

#include "base/bytes.h"
#include "bridge/rules/sql/arena.h"
#include "bridge/rules/sql/value.h"

#include <optional>
#include <string>
#include <vector>

namespace helio::bridge::rules::sql {

// What a rule may be written for; it decides whether 10.0 is an Int, among others.
enum class Version : std::uint8_t { v2015_10_08, v2016_03_23 };

// Keeps its buffers: one for the life of an engine.
class JsonReader {
  public:
    JsonReader();
    ~JsonReader();
    JsonReader(const JsonReader&) = delete;
    JsonReader& operator=(const JsonReader&) = delete;

    // The value of a JSON text (any value, not only objects), with text copied into the arena; of
    // members with the same name the last one counts.  Absent where it is no JSON, nested deeper
    // than 64, or larger than the arena.
    std::optional<Value> read(std::string_view text, Arena& arena);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

// Compact.  Undefined members are left out; a lone Undefined is nothing at all.
void append_json(std::string& out, const Value& value, Version version);

}  // namespace helio::bridge::rules::sql
