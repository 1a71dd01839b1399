// Where the policies of a principal come from: implemented by the registry.
#pragma once

#include "bridge/identity/principal.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace helio::bridge::identity {

// The thing of a connection: the certificate is attached to it, and the client id is its name or it
// is attached exclusively.
struct ThingFacts {
    std::string name;
    std::string type;  // empty without
    std::string billing_group;
    std::map<std::string, std::string> attributes;
};

struct NamedDocument {
    std::string policy;  // its name; empty for one of a custom authorizer
    policy::DocumentPtr document;
};

class PolicySource {
  public:
    virtual ~PolicySource() = default;
    // Another one whenever an answer below may be another one.
    virtual std::uint64_t generation() const = 0;
    // Attached to the principal and to the groups of its thing.  An access key without any may do
    // everything; everybody else without any may do nothing.
    virtual std::vector<NamedDocument> documents_of(const Principal& who) const = 0;
    virtual std::optional<ThingFacts> thing_of(const Principal& who) const = 0;
};

}  // namespace helio::bridge::identity
