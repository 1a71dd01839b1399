// What hangs on a principal: its policies and its things, as far as several parts of the registry
// must ask or take them away.
#pragma once

#include "bridge/registry/core.h"
#include "bridge/registry/tables.h"

#include <string>
#include <vector>

namespace helio::bridge::registry {

// In the order of names.
std::vector<std::string> policies_of(const store::Store& store, const Target& target);
std::vector<std::string> things_of(const store::Store& store, const Target& principal);

void attach(store::Transaction& tx, const Target& target, const std::string& policy);
void detach(store::Transaction& tx, const Target& target, const std::string& policy);

// Whether there is such a principal or group.  Users are kept elsewhere: any name may be one.
bool is_there(const store::Store& store, const Target& target);

}  // namespace helio::bridge::registry
