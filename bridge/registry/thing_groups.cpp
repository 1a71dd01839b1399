#include "bridge/registry/thing_groups.h"

#include "bridge/registry/attachments.h"
#include "bridge/registry/tables.h"

#include <algorithm>
#include <fmt/format.h>

namespace helio::bridge::registry {
namespace {

using Kind = Error::Kind;
constexpr store::Slot kGlobal = 0;

std::vector<std::string> seconds_of(const store::Store& store,
                                    const store::TypedTable<NamePair, Bytes>& table,
                                    const std::string& first) {
    std::vector<std::string> out;
    table.scan_prefix(store, OfName{first}, [&](const NamePair& key, auto&) {
        out.push_back(key.second);
        return true;
    });
    return out;
}

bool is_same(const proto::ThingGroup& group, const NewThingGroup& wanted) {
    return group.parent() == wanted.parent && group.description() == wanted.description &&
           attributes_of(group) == wanted.attributes;
}

}  // namespace

Error no_group(std::string_view name) {
    return {Kind::not_found, fmt::format("There is no thing group \"{}\".", name)};
}

Result<ThingGroups::Made, Error> ThingGroups::create(const NewThingGroup& group, Instant now) {
    const auto refuse = [](std::string why) {
        return fail(Error{Kind::bad_request, std::move(why)});
    };
    if (!is_thing_name(group.name)) {
        return refuse("thingGroupName must have 1 to 128 letters, digits and :_-.");
    }
    if (const auto checked = check_attributes(group.attributes); !checked) {
        return fail(checked.error());
    }
    if (const auto before = get(group.name)) {
        if (is_same(*before, group)) return Made{*before};
        return fail(
            Error{Kind::already_exists,
                  fmt::format("There is a thing group \"{}\" already, and it differs.", group.name),
                  core_.place.arn("thinggroup", group.name),
                  before->id()});
    }
    if (!group.parent.empty()) {
        if (!kThingGroups.contains(core_.store, group.parent)) return fail(no_group(group.parent));
        if (ancestors(group.parent).size() + 2 > core_.limits.max_group_depth) {
            return refuse(fmt::format("Groups may stand {} deep.", core_.limits.max_group_depth));
        }
        if (below(group.parent, Depth::children).size() >= core_.limits.max_child_groups) {
            return refuse(fmt::format("A group may have {} groups directly below it.",
                                      core_.limits.max_child_groups));
        }
    }
    if (all().size() >= core_.limits.max_groups) return refuse("There are too many thing groups.");
    Made made;
    made.group.set_name(group.name);
    made.group.set_id(crypto::uuid4(core_.random));
    made.group.set_parent(group.parent);
    made.group.set_description(group.description);
    made.group.set_version(1);
    made.group.set_created_at_us(to_unix_us(now));
    set_attributes(made.group, group.attributes);
    for (const auto& [key, value] : group.tags) (*made.group.mutable_tags())[key] = value;
    auto tx = core_.store.begin(kGlobal);
    kThingGroups.put(tx, group.name, made.group);
    if (!group.parent.empty()) kThingGroupChildren.put(tx, {group.parent, group.name}, {});
    made.position = tx.commit();
    return made;
}

Result<ThingGroups::Made, Error> ThingGroups::update(const std::string& name,
                                                     const ThingGroupChange& change) {
    auto group = get(name);
    if (!group) return fail(group.error());
    if (const auto is = check_version(change.expected_version, group->version()); !is) {
        return fail(is.error());
    }
    auto attributes = changed(attributes_of(*group), change.attributes);
    if (!attributes) return fail(std::move(attributes.error()));
    set_attributes(*group, *attributes);
    if (change.description) group->set_description(*change.description);
    group->set_version(group->version() + 1);
    auto tx = core_.store.begin(kGlobal);
    kThingGroups.put(tx, name, *group);
    return Made{*std::move(group), tx.commit()};
}

Result<Position, Error> ThingGroups::erase(const std::string& name,
                                           std::optional<std::uint64_t> expected_version) {
    const auto group = get(name);
    if (!group) return Position{0};
    if (const auto is = check_version(expected_version, group->version()); !is) {
        return fail(is.error());
    }
    if (!below(name, Depth::children).empty()) {
        return fail(
            Error{Kind::bad_request,
                  fmt::format("The thing group {} has groups below it: delete them first.", name)});
    }
    const Target target{Target::Kind::thing_group, name};
    const auto policies = policies_of(core_.store, target);
    const auto things = seconds_of(core_.store, kThingsInGroup, name);
    core_.changed();
    auto tx = core_.store.begin(kGlobal);
    for (const std::string& policy : policies) detach(tx, target, policy);
    for (const std::string& thing : things) {
        kThingsInGroup.erase(tx, {name, thing});
        kGroupsOfThing.erase(tx, {thing, name});
    }
    if (!group->parent().empty()) kThingGroupChildren.erase(tx, {group->parent(), name});
    kThingGroups.erase(tx, name);
    return tx.commit();
}

Result<proto::ThingGroup, Error> ThingGroups::get(const std::string& name) const {
    auto group = kThingGroups.get(core_.store, name);
    if (!group) return fail(no_group(name));
    return *std::move(group);
}

std::vector<std::string> ThingGroups::ancestors(const std::string& name) const {
    std::vector<std::string> out;
    auto group = get(name);
    while (group && !group->parent().empty() && out.size() < core_.limits.max_group_depth) {
        out.push_back(group->parent());
        group = get(out.back());
    }
    std::ranges::reverse(out);
    return out;
}

std::vector<std::string> ThingGroups::below(const std::string& name, Depth depth) const {
    std::vector<std::string> out = seconds_of(core_.store, kThingGroupChildren, name);
    for (std::size_t i = 0; depth == Depth::all && i < out.size(); ++i) {
        const auto more = seconds_of(core_.store, kThingGroupChildren, out[i]);
        out.insert(out.end(), more.begin(), more.end());
    }
    return out;
}

std::vector<std::string> ThingGroups::all() const {
    std::vector<std::string> out;
    core_.store.scan(kThingGroups.spec(), {}, {}, [&](ByteView key, ByteView) {
        out.emplace_back(text_of(key));
        return true;
    });
    return out;
}

Result<Position, Error> ThingGroups::add(const std::string& group, const std::string& thing) {
    return change(thing, {group}, {});
}

Result<Position, Error> ThingGroups::remove(const std::string& group, const std::string& thing) {
    return change(thing, {}, {group});
}

Result<void, Error> ThingGroups::check_membership(const std::string& thing,
                                                  const std::set<std::string>& groups) const {
    std::map<std::string, std::string> in_tree;  // root -> group
    for (const std::string& group : groups) {
        const auto above = ancestors(group);
        const auto [other, fits] =
            in_tree.try_emplace(above.empty() ? group : above.front(), group);
        if (fits) continue;
        return fail(Error{Kind::bad_request,
                          fmt::format("The thing {} cannot be in the groups {} and {} of the same "
                                      "tree: take it out of one first.",
                                      thing,
                                      other->second,
                                      group)});
    }
    if (groups.size() > core_.limits.max_groups_of_thing) {
        return fail(
            Error{Kind::bad_request,
                  fmt::format("A thing may be in {} groups.", core_.limits.max_groups_of_thing)});
    }
    return {};
}

Result<Position, Error> ThingGroups::change(const std::string& thing,
                                            const std::vector<std::string>& add,
                                            const std::vector<std::string>& remove) {
    for (const auto* groups : {&add, &remove}) {
        for (const std::string& group : *groups) {
            if (!kThingGroups.contains(core_.store, group)) return fail(no_group(group));
        }
    }
    if (!kThings.contains(core_.store, thing)) return fail(no_thing(thing));
    const auto held = groups_of(thing);
    const std::set<std::string> before(held.begin(), held.end());
    std::set<std::string> after = before;
    for (const std::string& group : remove) after.erase(group);
    after.insert(add.begin(), add.end());
    if (after == before) return Position{0};
    if (auto fits = check_membership(thing, after); !fits) return fail(std::move(fits.error()));

    core_.changed();
    auto tx = core_.store.begin(kGroupsOfThing.slot({thing, ""}));
    for (const std::string& group : before) {
        if (after.contains(group)) continue;
        kGroupsOfThing.erase(tx, {thing, group});
        kThingsInGroup.erase(tx, {group, thing});
    }
    for (const std::string& group : after) {
        if (before.contains(group)) continue;
        kGroupsOfThing.put(tx, {thing, group}, {});
        kThingsInGroup.put(tx, {group, thing}, {});
    }
    return tx.commit();
}

Result<Position, Error> ThingGroups::set_tags(const std::string& name, const Tags& tags) {
    auto group = get(name);
    if (!group) return fail(group.error());
    *group->mutable_tags() = {tags.begin(), tags.end()};
    auto tx = core_.store.begin(kGlobal);
    kThingGroups.put(tx, name, *group);
    return tx.commit();
}

std::vector<std::string> ThingGroups::groups_of(const std::string& thing) const {
    return seconds_of(core_.store, kGroupsOfThing, thing);
}

std::vector<std::string> ThingGroups::things_in(const std::string& group,
                                                const std::string& after,
                                                std::size_t count) const {
    std::vector<std::string> out;
    const auto row = [&](const NamePair& key, auto&) {
        if (key.second == after) return true;
        if (out.size() == count) return false;
        out.push_back(key.second);
        return true;
    };
    kThingsInGroup.scan_prefix(core_.store, OfName{group}, NamePair{group, after}, row);
    return out;
}

}  // namespace helio::bridge::registry
