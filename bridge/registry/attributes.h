// Attributes of things and of groups of them: what they may be, and how a change is applied.
#pragma once

#include "base/result.h"
#include "bridge/registry/error.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace helio::bridge::registry {

using Attributes = std::map<std::string, std::string>;

// Names [a-zA-Z0-9_.,@/:#-]{1,128}, values of the same and =[] up to 800, at most 50.
Result<void, Error> check_attributes(const Attributes& attributes);

// What an update says of them.
struct AttributesChange {
    std::optional<Attributes> attributes{};
    // Merged: an empty value takes an attribute away, what is not named stays.
    bool merge = false;
};

template <class Record>
Attributes attributes_of(const Record& record) {
    return {record.attributes().begin(), record.attributes().end()};
}

template <class Record>
void set_attributes(Record& record, const Attributes& attributes) {
    record.clear_attributes();
    record.mutable_attributes()->insert(attributes.begin(), attributes.end());
}

// What `before` becomes; refused where that may not be.
Result<Attributes, Error> changed(Attributes before, const AttributesChange& change);

// An update or deletion may name the version that it is for.
Result<void, Error> check_version(std::optional<std::uint64_t> expected, std::uint64_t is);

}  // namespace helio::bridge::registry
