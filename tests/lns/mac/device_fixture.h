// A device in one region with what we want of it, and the two ends of the air as verbs.
#pragma once

#include "lns/mac/commands.h"
#include "lns/mac/desired.h"
#include "lns/proto/device.pb.h"
#include "lns/proto/session.pb.h"
#include "tests/support/catch.h"

namespace helio::lns::mac::test {

class Device {
  public:
    explicit Device(const char* region, proto::MacVersion version = proto::MAC_1_0_4)
        : region_(*find_region(region)), settings_(default_settings(region_)) {
        session_.set_mac_version(version);
        profile_.set_mac_version(version);
        Parameters p = desired_parameters(region_, settings_, profile_, {}, {});
        p.nb_trans = 1;
        uses(p);
        want_ = p;
    }

    void uses(const Parameters& p) { to_proto(p, *session_.mutable_current()); }
    Parameters used() const { return from_proto(session_.current()); }
    Parameters& want() { return want_; }
    proto::Session& session() { return session_; }
    const Region& region() const { return region_; }

    // The next downlink; returns the commands in it.
    std::string ask(std::size_t budget = 15, PlanOptions options = {}) {
        last_ = plan_requests(session_, want_, region_, budget, options);
        CHECK(last_.bytes.size() <= budget);
        remember_sent(last_, ++fcnt_down_, session_);
        return to_hex(last_.bytes);
    }
    const Requests& last() const { return last_; }

    UplinkOutcome hear(const char* commands, const UplinkFacts& facts = {}) {
        return handle_uplink_commands(*from_hex(commands), session_, region_, facts);
    }

  private:
    const Region& region_;
    NetworkSettings settings_;
    proto::DeviceProfile profile_;
    proto::Session session_;
    Parameters want_;
    Requests last_;
    std::uint32_t fcnt_down_ = 0;
};

}  // namespace helio::lns::mac::test
