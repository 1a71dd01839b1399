// A policy document, checked and compiled: parsed once when it is stored, shared by all connections
// that it speaks of.
//
// Whoever keeps policies parses with the policy's name, so that an explanation can say which one
// has decided.
#pragma once

#include "base/result.h"
#include "bridge/policy/conditions.h"
#include "bridge/policy/pattern.h"
#include "bridge/policy/template.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::policy {

enum class Effect : std::uint8_t { allow, deny };
enum class DocumentVersion : std::uint8_t { v2008_10_17, v2012_10_17 };
// NotAction and NotResource name what the statement is not about.
enum class Names : std::uint8_t { these, all_but_these };

struct Statement {
    std::string sid;  // empty without
    Effect effect = Effect::deny;
    Names action_names = Names::these;
    std::vector<Pattern> actions;  // in lower case: case does not matter in them
    Names resource_names = Names::these;
    std::vector<Template> resources;
    std::vector<Condition> conditions;  // all have to hold

    // `action` in lower case: "iot:publish".
    bool is_about(std::string_view action) const;
    // Another question of the same connection may find that it applies where it did not.
    bool changes() const;
};

struct Document {
    DocumentVersion version = DocumentVersion::v2008_10_17;
    std::vector<Statement> statements;
    std::string text;  // as it was given
};
using DocumentPtr = std::shared_ptr<const Document>;

struct DocumentLimits {
    std::size_t characters = 2048;  // white space is not counted
};

// The error is one sentence: what is wrong, where, and what would be right.
Result<DocumentPtr, std::string> parse_document(std::string_view text,
                                                const DocumentLimits& limits = {});

}  // namespace helio::bridge::policy
