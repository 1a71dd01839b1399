// The registry: certificates, authorities, policies, things with their groups and types, and access
// keys; and whose policies count for whom.
//
// Every change is a transaction, and takes effect at once; tell of it when the answered position is
// durable.  Reads go to the store.
#pragma once

#include "bridge/identity/policy_source.h"
#include "bridge/registry/access_keys.h"
#include "bridge/registry/authorities.h"
#include "bridge/registry/certificates.h"
#include "bridge/registry/policies.h"
#include "bridge/registry/thing_groups.h"
#include "bridge/registry/thing_types.h"
#include "bridge/registry/things.h"

namespace helio::bridge::registry {

class Registry final : public identity::PolicySource {
  public:
    // Puts the stored access keys into the ring.
    Registry(Core core, api::KeyRing& ring);
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;

    const Place& place() const { return core_.place; }
    store::Store& store() const { return core_.store; }
    // Called with each principal that is nobody any more: end its connections.
    void on_lapse(std::function<void(const Target&)> callback);

    std::uint64_t generation() const override { return core_.generation; }
    std::vector<identity::NamedDocument> documents_of(
        const identity::Principal& who) const override;
    std::optional<identity::ThingFacts> thing_of(const identity::Principal& who) const override;

    // Names, each once: attached to the principal, and to the groups of the thing and those above.
    std::vector<std::string> effective_policies(const std::optional<Target>& principal,
                                                const std::optional<std::string>& thing) const;

  private:
    Core core_;

  public:
    Certificates certificates;
    Authorities authorities;
    Policies policies;
    Things things;
    ThingGroups groups;
    ThingTypes types;
    AccessKeys access_keys;
};

// Absent for those that nothing is attached to: the anonymous, and a custom authorizer's.
std::optional<Target> target_of(const identity::Principal& who);

}  // namespace helio::bridge::registry
