#include "bridge/registry/thing_types.h"

#include "bridge/registry/tables.h"

#include <algorithm>
#include <fmt/format.h>

namespace helio::bridge::registry {
namespace {

using Kind = Error::Kind;
constexpr store::Slot kGlobal = 0;

}  // namespace

Result<ThingTypes::Made, Error> ThingTypes::create(const NewThingType& type, Instant now) {
    if (!is_thing_name(type.name)) {
        return fail(
            Error{Kind::bad_request, "thingTypeName must have 1 to 128 letters, digits and :_-."});
    }
    if (const auto before = get(type.name)) {
        const auto& searchable = before->searchable_attributes();
        if (before->description() == type.description &&
            std::ranges::equal(searchable, type.searchable_attributes)) {
            return Made{*before};
        }
        return fail(
            Error{Kind::already_exists,
                  fmt::format("There is a thing type \"{}\" already, and it differs.", type.name),
                  core_.place.arn("thingtype", type.name),
                  before->id()});
    }
    Made made;
    made.type.set_name(type.name);
    made.type.set_id(crypto::uuid4(core_.random));
    made.type.set_description(type.description);
    for (const auto& name : type.searchable_attributes) made.type.add_searchable_attributes(name);
    for (const auto& [key, value] : type.tags) (*made.type.mutable_tags())[key] = value;
    made.type.set_created_at_us(to_unix_us(now));
    auto tx = core_.store.begin(kGlobal);
    kThingTypes.put(tx, type.name, made.type);
    made.position = tx.commit();
    return made;
}

Result<Position, Error> ThingTypes::set_deprecated(const std::string& name,
                                                   bool deprecated,
                                                   Instant now) {
    auto type = get(name);
    if (!type) return fail(type.error());
    type->set_deprecated(deprecated);
    type->set_deprecated_at_us(deprecated ? to_unix_us(now) : 0);
    auto tx = core_.store.begin(kGlobal);
    kThingTypes.put(tx, name, *type);
    return tx.commit();
}

Result<Position, Error> ThingTypes::set_tags(const std::string& name, const Tags& tags) {
    auto type = get(name);
    if (!type) return fail(type.error());
    *type->mutable_tags() = {tags.begin(), tags.end()};
    auto tx = core_.store.begin(kGlobal);
    kThingTypes.put(tx, name, *type);
    return tx.commit();
}

Result<Position, Error> ThingTypes::erase(const std::string& name, Instant now) {
    const auto type = get(name);
    if (!type) return fail(type.error());
    if (!type->deprecated() || now - from_unix_us(type->deprecated_at_us()) < kDeprecation) {
        return fail(Error{Kind::bad_request,
                          fmt::format("The thing type {} must have been deprecated for 5 minutes "
                                      "before it is deleted.",
                                      name)});
    }
    if (!things_of(name, "", 1).empty()) {
        return fail(
            Error{Kind::bad_request, fmt::format("There are things of the type {}.", name)});
    }
    auto tx = core_.store.begin(kGlobal);
    kThingTypes.erase(tx, name);
    return tx.commit();
}

Result<proto::ThingType, Error> ThingTypes::get(const std::string& name) const {
    auto type = kThingTypes.get(core_.store, name);
    if (!type) {
        return fail(Error{Kind::not_found, fmt::format("There is no thing type \"{}\".", name)});
    }
    return *std::move(type);
}

std::vector<proto::ThingType> ThingTypes::list(const std::string& after, std::size_t count) const {
    const auto page =
        kThingTypes.page(core_.store, after.empty() ? std::nullopt : std::optional(after), count);
    std::vector<proto::ThingType> out;
    for (const auto& [name, type] : page.rows) out.push_back(type);
    return out;
}

std::vector<std::string> ThingTypes::things_of(const std::string& type,
                                               const std::string& after,
                                               std::size_t count) const {
    std::vector<std::string> out;
    kThingsOfType.scan_prefix(
        core_.store, OfName{type}, NamePair{type, after}, [&](const NamePair& key, auto&) {
            if (key.second == after) return true;
            if (out.size() == count) return false;
            out.push_back(key.second);
            return true;
        });
    return out;
}

}  // namespace helio::bridge::registry
