#include "bridge/registry/registry.h"

#include "bridge/registry/attachments.h"

#include <algorithm>

namespace helio::bridge::registry {

std::optional<Target> target_of(const identity::Principal& who) {
    using identity::PrincipalKind;
    switch (who.kind()) {
        case PrincipalKind::certificate:
            return Target{Target::Kind::certificate, who.name()};
        case PrincipalKind::access_key:
            return Target{Target::Kind::access_key, who.name()};
        case PrincipalKind::user:
            return Target{Target::Kind::user, who.name()};
        case PrincipalKind::anonymous:
        case PrincipalKind::administrator:
        case PrincipalKind::custom:
            break;
    }
    return std::nullopt;
}

Registry::Registry(Core core, api::KeyRing& ring)
    : core_(std::move(core)),
      certificates(core_),
      authorities(core_),
      policies(core_),
      things(core_),
      groups(core_),
      types(core_),
      access_keys(core_, ring) {}

void Registry::on_lapse(std::function<void(const Target&)> callback) {
    core_.on_lapse = std::move(callback);
}

std::vector<std::string> Registry::effective_policies(
    const std::optional<Target>& principal, const std::optional<std::string>& thing) const {
    std::vector<std::string> names;
    const auto take = [&](const Target& target) {
        for (std::string& name : policies_of(core_.store, target)) {
            if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
        }
    };
    if (principal) take(*principal);
    if (!thing) return names;
    for (const std::string& group : groups.groups_of(*thing)) {
        take({Target::Kind::thing_group, group});
        for (const std::string& above : groups.ancestors(group)) {
            take({Target::Kind::thing_group, above});
        }
    }
    return names;
}

std::vector<identity::NamedDocument> Registry::documents_of(const identity::Principal& who) const {
    std::vector<identity::NamedDocument> out;
    const auto thing = thing_of(who);
    auto names =
        effective_policies(target_of(who), thing ? std::optional(thing->name) : std::nullopt);
    names.insert(names.end(), who.policies.begin(), who.policies.end());
    for (const std::string& name : names) {
        if (auto document = policies.compiled(name)) out.push_back({name, std::move(document)});
    }
    for (const auto& document : who.documents) out.push_back({"", document});
    return out;
}

std::optional<identity::ThingFacts> Registry::thing_of(const identity::Principal& who) const {
    const auto principal = target_of(who);
    if (!principal) return std::nullopt;
    const auto attached = things.things_of(*principal);
    const auto mine = std::ranges::find_if(attached, [&](const Things::AttachedTo& one) {
        return one.bond == Bond::exclusive || one.thing == who.shown().client_id;
    });
    if (mine == attached.end()) return std::nullopt;
    const auto thing = things.get(mine->thing);
    if (!thing) return std::nullopt;
    return identity::ThingFacts{
        .name = thing->name(),
        .type = thing->type(),
        .billing_group = thing->billing_group(),
        .attributes = {thing->attributes().begin(), thing->attributes().end()}};
}

}  // namespace helio::bridge::registry
