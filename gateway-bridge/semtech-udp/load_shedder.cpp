#include "gateway-bridge/semtech-udp/load_shedder.h"

#include <algorithm>

namespace helio::gateway_bridge::semtech_udp {
namespace {

constexpr double kLess = 0.75;
constexpr double kMore = 1.1;
constexpr double kLeastShare = 1.0 / 64;

}  // namespace

void LoadShedder::on_turn_end(bool backlog, Instant now) {
    if (!backlog) {
        backlog_since_.reset();
    } else if (!backlog_since_) {
        backlog_since_ = now;
    }
    if ((share_ == 1 && !backlog) || now - stepped_at_ < kStep) return;
    if (backlog && now - *backlog_since_ < kBurst && share_ == 1) return;
    stepped_at_ = now;
    share_ = std::clamp(share_ * (backlog ? kLess : kMore), kLeastShare, 1.0);
}

bool LoadShedder::admit() {
    credit_ += share_;
    if (credit_ < 1) return false;
    credit_ -= 1;
    return true;
}

}  // namespace helio::gateway_bridge::semtech_udp
