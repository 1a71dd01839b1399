#include "bridge/registry/attachments.h"

namespace helio::bridge::registry {

std::vector<std::string> policies_of(const store::Store& store, const Target& target) {
    std::vector<std::string> out;
    kPolicyAttachments.scan_prefix(store, OfTarget{target}, [&](const PolicyAtTarget& key, auto&) {
        out.push_back(key.policy);
        return true;
    });
    return out;
}

std::vector<std::string> things_of(const store::Store& store, const Target& principal) {
    std::vector<std::string> out;
    kPrincipalThings.scan_prefix(
        store, OfTarget{principal}, [&](const ThingOfPrincipal& key, auto&) {
            out.push_back(key.thing);
            return true;
        });
    return out;
}

void attach(store::Transaction& tx, const Target& target, const std::string& policy) {
    kPolicyAttachments.put(tx, {target, policy}, {});
    kPolicyTargets.put(tx, {policy, target}, {});
}

void detach(store::Transaction& tx, const Target& target, const std::string& policy) {
    kPolicyAttachments.erase(tx, {target, policy});
    kPolicyTargets.erase(tx, {policy, target});
}

bool is_there(const store::Store& store, const Target& target) {
    switch (target.kind) {
        case Target::Kind::certificate: {
            const auto id = CertificateId::from_hex(target.name);
            return id && kCertificates.contains(store, *id);
        }
        case Target::Kind::thing_group:
            return kThingGroups.contains(store, target.name);
        case Target::Kind::access_key:
            return kAccessKeys.contains(store, target.name);
        case Target::Kind::user:
            break;
    }
    return true;
}

}  // namespace helio::bridge::registry
