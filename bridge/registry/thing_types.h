// Thing types: names for kinds of things.
#pragma once

#include "bridge/registry/core.h"
#include "bridge/registry/proto/registry.pb.h"

#include <map>
#include <string>
#include <vector>

namespace helio::bridge::registry {

using store::Position;

struct NewThingType {
    std::string name;
    std::string description;
    std::vector<std::string> searchable_attributes;
    Tags tags{};
};

class ThingTypes {
  public:
    // A type can be deleted when it has been deprecated for so long.
    static constexpr std::chrono::minutes kDeprecation{5};

    explicit ThingTypes(Core& core) : core_(core) {}

    struct Made {
        proto::ThingType type;
        Position position = 0;
    };
    // The same type again is no error, and makes nothing.
    Result<Made, Error> create(const NewThingType& type, Instant now);
    Result<Position, Error> set_deprecated(const std::string& name, bool deprecated, Instant now);
    Result<Position, Error> erase(const std::string& name, Instant now);
    Result<Position, Error> set_tags(const std::string& name, const Tags& tags);
    Result<proto::ThingType, Error> get(const std::string& name) const;
    // In the order of names, after `after`.
    std::vector<proto::ThingType> list(const std::string& after, std::size_t count) const;
    // Things of a type, likewise.
    std::vector<std::string> things_of(const std::string& type,
                                       const std::string& after,
                                       std::size_t count) const;

  private:
    Core& core_;
};

}  // namespace helio::bridge::registry
