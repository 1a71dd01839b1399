#include "lns/uplink/data_uplink.h"

#include "lns/uplink/accepted_uplink.h"

namespace helio::lns {
namespace {

// How often, and for how long, a device may send its last frame again: NbTrans is at most 15, and a
// confirmed frame's repeats are seconds apart.  Beyond it somebody else sends it.
constexpr unsigned kMaxRepeats = 15;
constexpr auto kRepeatWithin = std::chrono::seconds(120);

std::uint64_t Stats::*counter_of(FindError error) {
    switch (error) {
        case FindError::no_session:
            return &Stats::no_session;
        case FindError::wrong_mic:
            return &Stats::wrong_mic;
        case FindError::replayed:
            return &Stats::replayed;
        case FindError::counter_gap:
            return &Stats::counter_gap;
        case FindError::counter_exhausted:
            return &Stats::counter_exhausted;
        case FindError::attempts_exhausted:
            return &Stats::mic_attempts_exhausted;
        case FindError::corrupt_record:
            return &Stats::corrupt_record;
    }
    return &Stats::corrupt_record;
}

}  // namespace

void DataUplinks::count_failure(const FindFailure& failure, const DataFrame& frame, Instant now) {
    ++(core_.stats.*counter_of(failure.error));
    if (!failure.dev_eui) return;
    const auto fcnt = std::to_string(frame.fcnt.value);
    if (failure.error == FindError::replayed) {
        core_.publish_refusal(*failure.dev_eui,
                              now,
                              "UPLINK_F_CNT_RETRANSMISSION",
                              "the counter " + fcnt + " has been used before");
    } else if (failure.error == FindError::counter_gap) {
        core_.publish_refusal(*failure.dev_eui,
                              now,
                              "UPLINK_F_CNT_RESET",
                              "the counter " + fcnt + " is too far from the expected one");
    } else if (failure.error == FindError::counter_exhausted) {
        core_.publish_refusal(*failure.dev_eui,
                              now,
                              "UPLINK_F_CNT_RESET",
                              "all counters have been used: the device must join again");
    }
}

bool DataUplinks::is_welcome(const FoundSession& found,
                             const DataFrame& frame,
                             const ConfiguredRegion& region,
                             Instant now) {
    if (found.session.disabled) {
        ++core_.stats.disabled_device;
        return false;
    }
    if (found.session.region != region.region->name) {
        ++core_.stats.wrong_region;
        return false;
    }
    if (found.match == Match::repeat &&
        (found.state.repeats >= kMaxRepeats || now - found.state.last_uplink_at > kRepeatWithin)) {
        count_failure({FindError::replayed, found.dev_eui}, frame, now);
        return false;
    }
    return true;
}

void DataUplinks::handle(const UplinkSet& set, const ConfiguredRegion& region, Instant now) {
    const auto frame = parse_data_frame(set.phy_payload);
    if (!frame) {
        ++core_.stats.malformed;
        return;
    }
    const auto data_rate = region.region->find_data_rate(Direction::up, set.best().modulation);
    if (!data_rate) {
        ++core_.stats.wrong_data_rate;
        return;
    }
    auto found = find_session(
        core_.store, *frame, {core_.config.max_candidates, core_.config.max_mic_attempts});
    if (!found) return count_failure(found.error(), *frame, now);
    if (!is_welcome(*found, *frame, region, now)) return;

    ++(found->match == Match::repeat ? core_.stats.repeated : core_.stats.accepted);
    if (found->match == Match::reset) ++core_.stats.counter_reset;
    AcceptedUplink(core_, sender_, {set, *frame, region, *data_rate, now}, *found).run();
}

}  // namespace helio::lns
