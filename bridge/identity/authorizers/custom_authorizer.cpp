#include "bridge/identity/authorizers/custom_authorizer.h"

namespace helio::bridge::identity::authorizers {

void take(const Granted& granted, Principal& who) {
    const auto documents =
        granted.policies.empty() ? granted.documents : std::vector<policy::DocumentPtr>();
    if (who.documents == documents && who.policies == granted.policies &&
        who.variables == granted.variables) {
        return;
    }
    who.documents = documents;
    who.policies = granted.policies;
    who.variables = granted.variables;
    who.compiled = {};
}

}  // namespace helio::bridge::identity::authorizers
