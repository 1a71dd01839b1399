// A data frame that all its gateways have reported: find who sent it, take in what it says, tell
// the application, and answer it where an answer is due.
//
// Everything that follows from one frame is one transaction.  Most frames change the frame state
// only: the session is read in place and parsed only where something in it may change.
#pragma once

#include "lns/downlink/sender.h"
#include "lns/uplink/session_finder.h"

namespace helio::lns {

class DataUplinks {
  public:
    DataUplinks(Core& core, Sender& sender) : core_(core), sender_(sender) {}

    void handle(const UplinkSet& set, const ConfiguredRegion& region, Instant now);

  private:
    void count_failure(const FindFailure& failure, const DataFrame& frame, Instant now);
    bool is_welcome(const FoundSession& found,
                    const DataFrame& frame,
                    const ConfiguredRegion& region,
                    Instant now);

    Core& core_;
    Sender& sender_;
};

}  // namespace helio::lns
