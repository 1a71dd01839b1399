// Access keys beside the administrator's: made by the API, limited by the policies that are
// attached to them.
//
// The ring of keys that signatures are checked with follows every change.
#pragma once

#include "bridge/api/credentials.h"
#include "bridge/registry/core.h"
#include "bridge/registry/proto/registry.pb.h"

#include <optional>
#include <string>
#include <vector>

namespace helio::bridge::registry {

using store::Position;

class AccessKeys {
  public:
    // Puts the stored keys into the ring.
    AccessKeys(Core& core, api::KeyRing& ring);

    struct Made {
        api::AccessKey key;  // its secret is shown once
        Position position = 0;
    };
    Result<Made, Error> create(const std::string& name, Instant now);
    // Its policies are detached.
    Result<Position, Error> erase(const std::string& id);
    std::optional<proto::AccessKey> find(const std::string& id) const;
    bool is_administrator(const std::string& id) const { return ring_.is_administrator(id); }
    // In the order of ids.
    std::vector<std::pair<std::string, proto::AccessKey>> list() const;

  private:
    Core& core_;
    api::KeyRing& ring_;
};

}  // namespace helio::bridge::registry
