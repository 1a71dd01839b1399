// Static groups of things, which stand in trees: a policy at a group counts for the things in it
// and in the groups below.
#pragma once

#include "bridge/registry/things.h"

#include <set>

namespace helio::bridge::registry {

struct NewThingGroup {
    std::string name;
    std::string parent;  // empty: a root
    std::string description;
    Attributes attributes{};
    Tags tags{};
};

struct ThingGroupChange {
    std::optional<std::string> description{};
    AttributesChange attributes{};
    std::optional<std::uint64_t> expected_version{};
};

class ThingGroups {
  public:
    explicit ThingGroups(Core& core) : core_(core) {}

    struct Made {
        proto::ThingGroup group;
        Position position = 0;
    };
    Result<Made, Error> create(const NewThingGroup& group, Instant now);
    Result<Made, Error> update(const std::string& name, const ThingGroupChange& change);
    // Only without children; its things leave it, its policies are detached.  A group that is not
    // there is deleted already.
    Result<Position, Error> erase(const std::string& name,
                                  std::optional<std::uint64_t> expected_version);
    Result<proto::ThingGroup, Error> get(const std::string& name) const;
    // From the root to the parent.
    std::vector<std::string> ancestors(const std::string& name) const;
    enum class Depth : std::uint8_t { children, all };
    std::vector<std::string> below(const std::string& name, Depth depth) const;
    std::vector<std::string> all() const;  // in the order of names

    // A thing may not be in two groups of one tree.
    Result<Position, Error> add(const std::string& group, const std::string& thing);
    Result<Position, Error> remove(const std::string& group, const std::string& thing);
    // Both at once, or nothing.
    Result<Position, Error> change(const std::string& thing,
                                   const std::vector<std::string>& add,
                                   const std::vector<std::string>& remove);
    Result<Position, Error> set_tags(const std::string& name, const Tags& tags);
    std::vector<std::string> groups_of(const std::string& thing) const;
    // At most `count`, after `after`.
    std::vector<std::string> things_in(const std::string& group,
                                       const std::string& after,
                                       std::size_t count) const;

  private:
    Result<void, Error> check_membership(const std::string& thing,
                                         const std::set<std::string>& groups) const;

    Core& core_;
};

Error no_group(std::string_view name);

}  // namespace helio::bridge::registry
