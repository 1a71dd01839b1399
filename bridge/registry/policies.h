// Policies with their versions, and to whom they are attached.
//
// The default version counts, compiled once; a change takes effect with the next question.
#pragma once

#include "bridge/policy/document.h"
#include "bridge/registry/core.h"
#include "bridge/registry/creation_order.h"
#include "bridge/registry/proto/registry.pb.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace helio::bridge::registry {

using store::Position;

class Policies {
  public:
    explicit Policies(Core& core);

    struct Made {
        proto::Policy policy;
        std::uint32_t version = 0;
        Position position = 0;
    };
    Result<Made, Error> create(const std::string& name,
                               const std::string& document,
                               const Tags& tags,
                               Instant now);
    enum class Default : std::uint8_t { as_it_is, this_one };
    Result<Made, Error> create_version(const std::string& name,
                                       const std::string& document,
                                       Default which,
                                       Instant now);
    Result<Position, Error> set_default(const std::string& name,
                                        std::uint32_t version,
                                        Instant now);
    // Only one that is attached to nobody and has its default version alone.
    Result<Position, Error> erase(const std::string& name);
    // Not the default version.
    Result<Position, Error> erase_version(const std::string& name,
                                          std::uint32_t version,
                                          Instant now);

    Result<proto::Policy, Error> get(const std::string& name) const;
    using Page = CreationPage<proto::Policy>;
    Page list(Direction direction,
              const std::optional<CreationPlace>& after,
              std::size_t count) const;
    Result<Position, Error> set_tags(const std::string& name, const Tags& tags);

    // Attaching twice is once.
    Result<Position, Error> attach(const std::string& name, const Target& target);
    Result<Position, Error> detach(const std::string& name, const Target& target);
    std::vector<Target> targets_of(const std::string& name) const;

    // The default version; null where there is no such policy.
    policy::DocumentPtr compiled(const std::string& name) const;

  private:
    Position put(const proto::Policy& policy);

    Core& core_;
    CreationOrder order_;
    mutable std::map<std::string, policy::DocumentPtr, std::less<>> compiled_;
};

}  // namespace helio::bridge::registry
