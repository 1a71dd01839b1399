// Where the policies of a principal come from: implemented by the registry.
#pragma once

#include "bridge/identity/principal.h"
#include "bridge/policy/facts.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace helio::bridge::identity {

using policy::ThingFacts;

struct NamedDocument {
    std::string policy;  // its name; empty for one that the principal carries
    policy::DocumentPtr document;
};

class PolicySource {
  public:
    virtual ~PolicySource() = default;
    // Another one whenever an answer below may be another one.
    virtual std::uint64_t generation() const = 0;
    // Attached to the principal and to the groups of its thing, then those that it carries itself.
    // Who has none may do nothing, but for those of whom nothing is asked.
    virtual std::vector<NamedDocument> documents_of(const Principal& who) const = 0;
    virtual std::optional<ThingFacts> thing_of(const Principal& who) const = 0;
};

}  // namespace helio::bridge::identity
