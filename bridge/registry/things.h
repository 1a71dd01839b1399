// Things: the devices by name, their attributes, and the principals that speak for them.
#pragma once

#include "bridge/registry/attributes.h"
#include "bridge/registry/core.h"
#include "bridge/registry/proto/registry.pb.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::registry {

using store::Position;

struct NewThing {
    std::string name;
    std::string type;  // empty: none
    Attributes attributes{};
    std::string billing_group;
};

struct ThingChange {
    std::optional<std::string> type{};  // empty: taken away
    AttributesChange attributes{};
    std::optional<std::uint64_t> expected_version{};
};

// Whether the principal may be attached to other things, too.
enum class Bond : std::uint8_t { shared, exclusive };

class Things {
  public:
    explicit Things(Core& core) : core_(core) {}

    struct Made {
        proto::Thing thing;
        Position position = 0;
    };
    // The same thing again is no error, and makes nothing.
    Result<Made, Error> create(const NewThing& thing, Instant now);
    Result<Position, Error> update(const std::string& name, const ThingChange& change);
    // Only without principals; it leaves its groups.  A thing that is not there is deleted already.
    Result<Position, Error> erase(const std::string& name,
                                  std::optional<std::uint64_t> expected_version);
    Result<proto::Thing, Error> get(const std::string& name) const;

    // `wanted(thing)` says what counts; in no order that means anything.
    struct Page {
        std::vector<proto::Thing> rows;
        std::optional<std::string> next;  // where there may be more: to go on after
    };
    using Wanted = FunctionRef<bool(const proto::Thing&)>;
    Page list(const std::optional<std::string>& after, std::size_t count, Wanted wanted) const;

    Result<Position, Error> attach(const std::string& thing, const Target& principal, Bond bond);
    Result<Position, Error> detach(const std::string& thing, const Target& principal);
    struct Attached {
        Target principal;
        Bond bond;
    };
    std::vector<Attached> principals_of(const std::string& thing) const;
    struct AttachedTo {
        std::string thing;
        Bond bond;
    };
    std::vector<AttachedTo> things_of(const Target& principal) const;

  private:
    Core& core_;
};

Error no_thing(std::string_view name);

}  // namespace helio::bridge::registry
