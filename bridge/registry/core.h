// What all parts of the registry stand on: the store, who this server is, its limits, and who wants
// to know of changes.
#pragma once

#include "base/store/store.h"
#include "base/time.h"
#include "bridge/registry/target.h"
#include "crypto/random.h"
#include "crypto/x509/authority.h"

#include <functional>
#include <map>
#include <string>

namespace helio::bridge::registry {

using Tags = std::map<std::string, std::string>;

struct Limits {
    std::size_t max_certificates = 2'000'000;
    std::size_t max_authorities = 1'000;
    std::size_t max_authorities_of_subject = 10;
    std::size_t max_policies = 10'000;
    std::size_t max_policies_of_target = 10;
    std::size_t max_policy_versions = 5;
    std::size_t max_groups = 50'000;
    std::size_t max_group_depth = 7;
    std::size_t max_child_groups = 100;
    std::size_t max_groups_of_thing = 10;
    std::size_t max_principals_of_thing = 1'000;
    std::size_t max_things_of_principal = 1'000;
    std::size_t max_attributes_without_type = 50;  // of a thing; AWS allows 3
    std::size_t max_access_keys = 10'000;
};

struct Core {
    store::Store& store;
    crypto::Random random;
    Place place{};
    // Issues certificates: the CA in the data folder.
    crypto::x509::CertificateAndKey issuer{};
    Limits limits{};

    // Moves on with every change that may alter what somebody is allowed.
    std::uint64_t generation = 1;
    // Told of each principal that is nobody any more: a certificate that is not active, a key that
    // was removed.  Its connections are to be ended.
    std::function<void(const Target&)> on_lapse{};

    void changed() { ++generation; }
    void lapsed(const Target& who) const {
        if (on_lapse) on_lapse(who);
    }
};

}  // namespace helio::bridge::registry
