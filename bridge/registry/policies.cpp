#include "bridge/registry/policies.h"

#include "bridge/registry/attachments.h"
#include "bridge/registry/tables.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

namespace helio::bridge::registry {
namespace {

using Kind = Error::Kind;
constexpr store::Slot kGlobal = 0;

Error no_policy(std::string_view name) {
    return {Kind::not_found, fmt::format("There is no policy \"{}\".", name)};
}

const proto::PolicyVersion* version_of(const proto::Policy& policy, std::uint32_t id) {
    const auto found = std::ranges::find(policy.versions(), id, &proto::PolicyVersion::id);
    return found == policy.versions().end() ? nullptr : &*found;
}

Result<void, Error> check(const std::string& document) {
    if (const auto compiled = policy::parse_document(document); !compiled) {
        return fail(Error{Kind::malformed_policy, compiled.error()});
    }
    return {};
}

std::uint32_t add_version(proto::Policy& policy, const std::string& document, Instant now) {
    policy.set_last_version(policy.last_version() + 1);
    proto::PolicyVersion& version = *policy.add_versions();
    version.set_id(policy.last_version());
    version.set_document(document);
    version.set_created_at_us(to_unix_us(now));
    return version.id();
}

CreationPlace place_of(const proto::Policy& policy) {
    return {policy.created_at_us(), policy.name()};
}

// A policy that was stored once compiles: an older one may be longer than today's limit.
constexpr policy::DocumentLimits kNoLimits{.characters = std::numeric_limits<std::size_t>::max()};

}  // namespace

Policies::Policies(Core& core) : core_(core) {
    kPolicies.scan(core_.store, [&](const std::string&, const proto::Policy& policy) {
        order_.add(place_of(policy));
        return true;
    });
}

Position Policies::put(const proto::Policy& policy) {
    compiled_.erase(policy.name());
    core_.changed();
    auto tx = core_.store.begin(kGlobal);
    kPolicies.put(tx, policy.name(), policy);
    return tx.commit();
}

Result<Policies::Made, Error> Policies::create(const std::string& name,
                                               const std::string& document,
                                               const Tags& tags,
                                               Instant now) {
    if (!is_policy_name(name)) {
        return fail(
            Error{Kind::bad_request, "policyName must have 1 to 128 letters, digits and _+=,.@-."});
    }
    if (const auto checked = check(document); !checked) return fail(checked.error());
    if (kPolicies.contains(core_.store, name)) {
        return fail(Error{Kind::already_exists,
                          fmt::format("There is a policy \"{}\" already.", name),
                          core_.place.arn("policy", name),
                          name});
    }
    if (order_.size() >= core_.limits.max_policies) {
        return fail(Error{Kind::bad_request, "There are too many policies: delete some."});
    }
    Made made;
    made.policy.set_name(name);
    made.policy.set_created_at_us(to_unix_us(now));
    made.policy.set_modified_at_us(to_unix_us(now));
    made.policy.set_generation_id(crypto::uuid4(core_.random));
    for (const auto& [key, value] : tags) (*made.policy.mutable_tags())[key] = value;
    made.version = add_version(made.policy, document, now);
    made.policy.set_default_version(made.version);
    made.position = put(made.policy);
    order_.add(place_of(made.policy));
    return made;
}

Result<Policies::Made, Error> Policies::create_version(const std::string& name,
                                                       const std::string& document,
                                                       Default which,
                                                       Instant now) {
    auto policy = get(name);
    if (!policy) return fail(policy.error());
    if (const auto checked = check(document); !checked) return fail(checked.error());
    const auto max = core_.limits.max_policy_versions;
    if (static_cast<std::size_t>(policy->versions_size()) >= max) {
        return fail(Error{
            Kind::too_many_versions,
            fmt::format(
                "The policy {} has {} versions, which is the limit: delete one.", name, max)});
    }
    Made made{.policy = *std::move(policy)};
    made.version = add_version(made.policy, document, now);
    if (which == Default::this_one) made.policy.set_default_version(made.version);
    made.policy.set_modified_at_us(to_unix_us(now));
    made.policy.set_generation_id(crypto::uuid4(core_.random));
    made.position = put(made.policy);
    return made;
}

Result<Position, Error> Policies::set_default(const std::string& name,
                                              std::uint32_t version,
                                              Instant now) {
    auto policy = get(name);
    if (!policy) return fail(policy.error());
    if (version_of(*policy, version) == nullptr) {
        return fail(
            Error{Kind::not_found, fmt::format("The policy {} has no version {}.", name, version)});
    }
    policy->set_default_version(version);
    policy->set_modified_at_us(to_unix_us(now));
    policy->set_generation_id(crypto::uuid4(core_.random));
    return put(*policy);
}

Result<Position, Error> Policies::erase(const std::string& name) {
    const auto policy = get(name);
    if (!policy) return fail(policy.error());
    if (policy->versions_size() > 1) {
        return fail(Error{Kind::in_use,
                          fmt::format("Cannot delete the policy because it has one or more policy "
                                      "versions attached to it (name={})",
                                      name)});
    }
    if (!targets_of(name).empty()) {
        return fail(Error{Kind::in_use,
                          fmt::format("The policy cannot be deleted as the policy is attached to "
                                      "one or more principals (name={})",
                                      name)});
    }
    compiled_.erase(name);
    order_.remove(place_of(*policy));
    core_.changed();
    auto tx = core_.store.begin(kGlobal);
    kPolicies.erase(tx, name);
    return tx.commit();
}

Result<Position, Error> Policies::erase_version(const std::string& name,
                                                std::uint32_t version,
                                                Instant now) {
    auto policy = get(name);
    if (!policy) return fail(policy.error());
    if (policy->default_version() == version) {
        return fail(Error{Kind::bad_request,
                          "Cannot delete the default version of a policy: make another the default "
                          "version, or delete the policy."});
    }
    auto& versions = *policy->mutable_versions();
    const auto found = std::ranges::find(versions, version, &proto::PolicyVersion::id);
    if (found == versions.end()) {
        return fail(
            Error{Kind::not_found, fmt::format("The policy {} has no version {}.", name, version)});
    }
    versions.erase(found);
    policy->set_modified_at_us(to_unix_us(now));
    return put(*policy);
}

Result<proto::Policy, Error> Policies::get(const std::string& name) const {
    auto policy = kPolicies.get(core_.store, name);
    if (!policy) return fail(no_policy(name));
    return *std::move(policy);
}

Policies::Page Policies::list(Direction direction,
                              const std::optional<CreationPlace>& after,
                              std::size_t count) const {
    return order_.page(direction, after, count, [&](const std::string& name) {
        auto policy = kPolicies.get(core_.store, name);
        return policy ? std::optional(*std::move(policy)) : std::nullopt;
    });
}

Result<Position, Error> Policies::set_tags(const std::string& name, const Tags& tags) {
    auto policy = get(name);
    if (!policy) return fail(policy.error());
    *policy->mutable_tags() = {tags.begin(), tags.end()};
    return put(*policy);
}

Result<Position, Error> Policies::attach(const std::string& name, const Target& target) {
    if (!kPolicies.contains(core_.store, name)) return fail(no_policy(name));
    if (!is_there(core_.store, target)) {
        return fail(
            Error{Kind::not_found, fmt::format("There is no {}.", arn_of(core_.place, target))});
    }
    const auto attached = policies_of(core_.store, target);
    if (std::ranges::find(attached, name) != attached.end()) return Position{0};
    if (attached.size() >= core_.limits.max_policies_of_target) {
        return fail(Error{Kind::limit_exceeded,
                          fmt::format("{} policies are attached to {}, which is the limit.",
                                      attached.size(),
                                      arn_of(core_.place, target))});
    }
    core_.changed();
    auto tx = core_.store.begin(kPolicyAttachments.slot({target, name}));
    registry::attach(tx, target, name);
    return tx.commit();
}

Result<Position, Error> Policies::detach(const std::string& name, const Target& target) {
    if (!kPolicies.contains(core_.store, name)) return fail(no_policy(name));
    if (!kPolicyAttachments.contains(core_.store, {target, name})) {
        return fail(
            Error{Kind::not_found,
                  fmt::format(
                      "The policy {} is not attached to {}.", name, arn_of(core_.place, target))});
    }
    core_.changed();
    auto tx = core_.store.begin(kPolicyAttachments.slot({target, name}));
    registry::detach(tx, target, name);
    return tx.commit();
}

std::vector<Target> Policies::targets_of(const std::string& name) const {
    std::vector<Target> out;
    kPolicyTargets.scan_prefix(core_.store, OfName{name}, [&](const TargetOfName& key, auto&) {
        out.push_back(key.target);
        return true;
    });
    return out;
}

policy::DocumentPtr Policies::compiled(const std::string& name) const {
    if (const auto found = compiled_.find(name); found != compiled_.end()) return found->second;
    const auto policy = get(name);
    const auto* const version = policy ? version_of(*policy, policy->default_version()) : nullptr;
    if (version == nullptr) return nullptr;
    auto document = policy::parse_document(version->document(), kNoLimits);
    if (!document) return nullptr;
    return compiled_.emplace(name, *std::move(document)).first->second;
}

}  // namespace helio::bridge::registry
