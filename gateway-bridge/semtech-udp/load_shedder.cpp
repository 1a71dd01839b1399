#include "gateway-bridge/semtech-udp/load_shedder.h"

#include <algorithm>
#include <cmath>

namespace helio::gateway_bridge::semtech_udp {
namespace {

constexpr double kLess = 0.75;
constexpr double kMore = 1.1;
constexpr double kLeastShare = 1.0 / 64;
constexpr Duration::rep kMostSteps = 50;  // from the least share to all

}  // namespace

void LoadShedder::on_turn_end(bool backlog, Instant now) {
    if (!backlog) {
        backlog_since_.reset();
    } else if (!backlog_since_) {
        backlog_since_ = now;
    }
    if ((share_ == 1 && !backlog) || now - stepped_at_ < kStep) return;
    if (backlog && now - *backlog_since_ < kBurst && share_ == 1) return;
    // Turns are rare when nothing comes: what was quiet time counts as steps too.
    const auto steps = std::min<Duration::rep>((now - stepped_at_) / kStep, kMostSteps);
    stepped_at_ = now;
    const double factor = backlog ? kLess : std::pow(kMore, static_cast<double>(steps));
    share_ = std::clamp(share_ * factor, kLeastShare, 1.0);
}

bool LoadShedder::admit() {
    credit_ += share_;
    if (credit_ < 1) return false;
    credit_ -= 1;
    return true;
}

}  // namespace helio::gateway_bridge::semtech_udp
