// A join-request that all its gateways have reported: checked, stored, told and answered.
#pragma once

#include "lns/activation/join.h"
#include "lns/downlink/sender.h"

namespace helio::lns {

class Joins {
  public:
    Joins(Core& core, Sender& sender) : core_(core), sender_(sender) {}

    void handle(const UplinkSet& set, const ConfiguredRegion& region, Instant now);

  private:
    void refuse(JoinError error, const JoinRequest& request, Instant now);
    void send_accept(const UplinkSet& set,
                     const ConfiguredRegion& region,
                     std::uint8_t data_rate,
                     const JoinPlan& plan,
                     store::Position position,
                     Instant now);

    Core& core_;
    Sender& sender_;
};

}  // namespace helio::lns
