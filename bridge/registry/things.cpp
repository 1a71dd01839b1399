#include "bridge/registry/things.h"

#include "bridge/registry/attachments.h"
#include "bridge/registry/tables.h"

#include <algorithm>
#include <fmt/format.h>

namespace helio::bridge::registry {
namespace {

using Kind = Error::Kind;

constexpr std::size_t kMaxVisited = 20'000;  // a page may be short where a filter passes over many

void set_type(store::Transaction& tx, proto::Thing& thing, const std::string& type) {
    if (!thing.type().empty()) kThingsOfType.erase(tx, {thing.type(), thing.name()});
    thing.set_type(type);
    if (!type.empty()) kThingsOfType.put(tx, {type, thing.name()}, {});
}

Result<void, Error> check_type(const store::Store& store, const std::string& type) {
    if (type.empty()) return {};
    const auto record = kThingTypes.get(store, type);
    if (!record) {
        return fail(Error{Kind::not_found, fmt::format("There is no thing type \"{}\".", type)});
    }
    if (record->deprecated()) {
        return fail(
            Error{Kind::bad_request, fmt::format("The thing type {} is deprecated.", type)});
    }
    return {};
}

Result<void, Error> check_untyped(const Limits& limits,
                                  std::string_view type,
                                  std::size_t attributes) {
    const std::size_t most = limits.max_attributes_without_type;
    if (!type.empty() || attributes <= most) return {};
    return fail(
        Error{Kind::bad_request,
              fmt::format("A thing without a thing type may have at most {} attributes.", most)});
}

}  // namespace

Error no_thing(std::string_view name) {
    return {Kind::not_found, fmt::format("There is no thing \"{}\".", name)};
}

Result<Things::Made, Error> Things::create(const NewThing& thing, Instant now) {
    if (!is_thing_name(thing.name)) {
        return fail(
            Error{Kind::bad_request, "thingName must have 1 to 128 letters, digits and :_-."});
    }
    if (const auto checked = check_attributes(thing.attributes); !checked) {
        return fail(checked.error());
    }
    if (const auto before = get(thing.name)) {
        if (before->type() == thing.type && attributes_of(*before) == thing.attributes &&
            before->billing_group() == thing.billing_group) {
            return Made{*before};
        }
        return fail(
            Error{Kind::already_exists,
                  fmt::format("There is a thing \"{}\" already, and it differs.", thing.name),
                  core_.place.arn("thing", thing.name),
                  before->id()});
    }
    if (const auto checked = check_type(core_.store, thing.type); !checked) {
        return fail(checked.error());
    }
    const auto fits = check_untyped(core_.limits, thing.type, thing.attributes.size());
    if (!fits) return fail(fits.error());
    Made made;
    made.thing.set_name(thing.name);
    made.thing.set_id(crypto::uuid4(core_.random));
    made.thing.set_billing_group(thing.billing_group);
    made.thing.set_version(1);
    made.thing.set_created_at_us(to_unix_us(now));
    set_attributes(made.thing, thing.attributes);
    core_.changed();
    auto tx = core_.store.begin(kThings.slot(thing.name));
    set_type(tx, made.thing, thing.type);
    kThings.put(tx, thing.name, made.thing);
    made.position = tx.commit();
    return made;
}

Result<Position, Error> Things::update(const std::string& name, const ThingChange& change) {
    auto thing = get(name);
    if (!thing) return fail(thing.error());
    if (const auto is = check_version(change.expected_version, thing->version()); !is) {
        return fail(is.error());
    }
    auto attributes = changed(attributes_of(*thing), change.attributes);
    if (!attributes) return fail(std::move(attributes.error()));
    const auto fits =
        check_untyped(core_.limits, change.type.value_or(thing->type()), attributes->size());
    if (!fits) return fail(fits.error());
    set_attributes(*thing, *attributes);
    if (change.type) {
        if (const auto checked = check_type(core_.store, *change.type); !checked) {
            return fail(checked.error());
        }
    }
    thing->set_version(thing->version() + 1);
    core_.changed();
    auto tx = core_.store.begin(kThings.slot(name));
    if (change.type) set_type(tx, *thing, *change.type);
    kThings.put(tx, name, *thing);
    return tx.commit();
}

Result<Position, Error> Things::erase(const std::string& name,
                                      std::optional<std::uint64_t> expected_version) {
    auto thing = get(name);
    if (!thing) return Position{0};
    if (const auto is = check_version(expected_version, thing->version()); !is) {
        return fail(is.error());
    }
    if (!principals_of(name).empty()) {
        return fail(
            Error{Kind::bad_request,
                  fmt::format("The thing {} cannot be deleted while principals are attached "
                              "to it: detach them first.",
                              name)});
    }
    std::vector<NamePair> groups;
    kGroupsOfThing.scan_prefix(core_.store, OfName{name}, [&](const NamePair& key, auto&) {
        groups.push_back(key);
        return true;
    });
    core_.changed();
    auto tx = core_.store.begin(kThings.slot(name));
    for (const NamePair& key : groups) {
        kGroupsOfThing.erase(tx, key);
        kThingsInGroup.erase(tx, {key.second, name});
    }
    set_type(tx, *thing, "");
    kThings.erase(tx, name);
    return tx.commit();
}

Result<proto::Thing, Error> Things::get(const std::string& name) const {
    auto thing = kThings.get(core_.store, name);
    if (!thing) return fail(no_thing(name));
    return *std::move(thing);
}

Things::Page Things::list(const std::optional<std::string>& after,
                          std::size_t count,
                          Wanted wanted) const {
    Page page;
    std::optional<std::string> at = after;
    for (std::size_t visited = 0; visited < kMaxVisited;) {
        auto some = kThings.page(core_.store, at, count + 1);
        for (auto& [name, thing] : some.rows) {
            ++visited;
            if (!wanted(thing)) {
                at = name;
                continue;
            }
            if (page.rows.size() == count) {
                page.next = at;
                return page;
            }
            at = name;
            page.rows.push_back(std::move(thing));
        }
        if (!some.next) return page;
    }
    page.next = at;
    return page;
}

Result<Position, Error> Things::attach(const std::string& thing,
                                       const Target& principal,
                                       Bond bond) {
    if (!kThings.contains(core_.store, thing)) return fail(no_thing(thing));
    if (principal.kind == Target::Kind::thing_group) {
        return fail(Error{Kind::bad_request, "A thing group is no principal."});
    }
    const std::string arn = arn_of(core_.place, principal);
    if (!is_there(core_.store, principal)) {
        return fail(Error{Kind::not_found, fmt::format("There is no {}.", arn)});
    }
    const auto others = things_of(principal);
    for (const AttachedTo& other : others) {
        if (other.thing == thing) continue;
        if (bond == Bond::exclusive || other.bond == Bond::exclusive) {
            return fail(Error{Kind::bad_request,
                              fmt::format("{} is attached to the thing {}, and one of the two "
                                          "bonds is exclusive.",
                                          arn,
                                          other.thing)});
        }
    }
    if (others.size() >= core_.limits.max_things_of_principal ||
        principals_of(thing).size() >= core_.limits.max_principals_of_thing) {
        return fail(Error{Kind::bad_request, "There are too many principals or things attached."});
    }
    proto::ThingPrincipal record;
    record.set_exclusive(bond == Bond::exclusive);
    core_.changed();
    auto tx = core_.store.begin(kThings.slot(thing));
    kThingPrincipals.put(tx, {thing, principal}, record);
    kPrincipalThings.put(tx, {principal, thing}, record);
    return tx.commit();
}

Result<Position, Error> Things::detach(const std::string& thing, const Target& principal) {
    if (!kThings.contains(core_.store, thing)) return fail(no_thing(thing));
    if (!kThingPrincipals.contains(core_.store, {thing, principal})) {
        return fail(Error{
            Kind::not_found,
            fmt::format(
                "{} is not attached to the thing {}.", arn_of(core_.place, principal), thing)});
    }
    core_.changed();
    auto tx = core_.store.begin(kThings.slot(thing));
    kThingPrincipals.erase(tx, {thing, principal});
    kPrincipalThings.erase(tx, {principal, thing});
    return tx.commit();
}

std::vector<Things::Attached> Things::principals_of(const std::string& thing) const {
    std::vector<Attached> out;
    kThingPrincipals.scan_prefix(
        core_.store, OfName{thing}, [&](const TargetOfName& key, const auto& record) {
            out.push_back({key.target, record.exclusive() ? Bond::exclusive : Bond::shared});
            return true;
        });
    return out;
}

std::vector<Things::AttachedTo> Things::things_of(const Target& principal) const {
    std::vector<AttachedTo> out;
    kPrincipalThings.scan_prefix(
        core_.store, OfTarget{principal}, [&](const ThingOfPrincipal& key, const auto& record) {
            out.push_back({key.thing, record.exclusive() ? Bond::exclusive : Bond::shared});
            return true;
        });
    return out;
}

}  // namespace helio::bridge::registry
