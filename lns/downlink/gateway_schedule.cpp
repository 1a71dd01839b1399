#include "lns/downlink/gateway_schedule.h"

#include <algorithm>

namespace helio::lns {
namespace {

// Concentrators need time between two frames to load the second one.
constexpr std::int64_t kGuardUs = 2'000;
constexpr std::size_t kMaxReservations = 128;
constexpr std::uint32_t kNoBand = 0xffff'ffffu;
// A counter this far from where the server's clock expects it has begun anew: the gateway
// restarted.
constexpr std::int64_t kMaxDriftUs = 30'000'000;

std::int64_t minute_of(Instant at) { return to_unix_us(at) / 60'000'000; }

}  // namespace

void GatewaySchedule::Ledger::advance(std::int64_t to_minute) {
    if (to_minute - minute >= static_cast<std::int64_t>(kMinutes)) {
        *this = {.minute = to_minute};
        return;
    }
    while (minute < to_minute) {
        auto& oldest = us[static_cast<std::size_t>(++minute) % kMinutes];
        total_us -= oldest;
        oldest = 0;
    }
}

GatewaySchedule::Ledger& GatewaySchedule::ledger(std::uint32_t band, Instant now) {
    if (ledgers_.empty()) ledgers_.resize(region_->duty_bands.size(), {.minute = minute_of(now)});
    ledgers_[band].advance(minute_of(now));
    return ledgers_[band];
}

// The value nearest to the newest observation, in the turn that the server's clock says.
std::int64_t GatewaySchedule::unwrap(std::uint32_t counter_us) const {
    const std::int64_t base = *clock_us_;
    const auto step = static_cast<std::int32_t>(counter_us - static_cast<std::uint32_t>(base));
    return base + step;
}

void GatewaySchedule::observe(std::uint32_t counter_us, std::uint32_t path_epoch, Instant now) {
    if (!clock_us_ || path_epoch != epoch_) {
        if (path_epoch != epoch_) reserved_.clear();
        epoch_ = path_epoch;
        clock_us_ = counter_us;
        clock_at_ = now;
        return;
    }
    const std::int64_t expected = *clock_us_ + (now - clock_at_).count();
    std::int64_t actual =
        expected + static_cast<std::int32_t>(counter_us - static_cast<std::uint32_t>(expected));
    if (std::abs(actual - expected) > kMaxDriftUs) {
        reserved_.clear();
        actual = counter_us;
    }
    // Receptions may come out of order; the clock only goes forward.
    if (actual > *clock_us_ || std::abs(actual - expected) > kMaxDriftUs) {
        clock_us_ = actual;
        clock_at_ = now;
    }
    forget_old();
}

void GatewaySchedule::forget_old() {
    std::erase_if(reserved_,
                  [&](const Reservation& r) { return r.end_us + kGuardUs < *clock_us_; });
}

ScheduleAnswer GatewaySchedule::ask(const TransmissionRequest& request, Instant now) {
    if (now > request.send_by) return ScheduleAnswer::too_late;
    if (!clock_us_ || request.path_epoch != epoch_) return ScheduleAnswer::gone;
    forget_old();

    const std::int64_t start = unwrap(request.start_counter_us);
    const std::int64_t end = start + request.airtime.count();
    const bool taken = std::ranges::any_of(reserved_, [&](const Reservation& r) {
        return start < r.end_us + kGuardUs && r.start_us < end + kGuardUs;
    });
    if (taken || reserved_.size() >= kMaxReservations) return ScheduleAnswer::collision;

    std::uint32_t band_index = kNoBand;
    if (const DutyBand* band = region_ ? region_->duty_band(request.frequency_hz) : nullptr) {
        band_index = static_cast<std::uint32_t>(band - region_->duty_bands.data());
        Ledger& used = ledger(band_index, now);
        const std::uint64_t allowed = 3'600'000ull * band->duty_cycle_per_mille;  // us in an hour
        if (used.total_us + static_cast<std::uint64_t>(request.airtime.count()) > allowed) {
            return ScheduleAnswer::duty_cycle;
        }
        used.us[static_cast<std::size_t>(used.minute) % Ledger::kMinutes] +=
            static_cast<std::uint32_t>(request.airtime.count());
        used.total_us += static_cast<std::uint64_t>(request.airtime.count());
    }
    reserved_.push_back({request.downlink_id, start, end, band_index, request.airtime.count()});
    return ScheduleAnswer::accepted;
}

void GatewaySchedule::release(std::uint64_t downlink_id) {
    const auto at = std::ranges::find(reserved_, downlink_id, &Reservation::downlink_id);
    if (at == reserved_.end()) return;
    if (at->band != kNoBand) {
        // Given back to the newest minute that still has so much: the sum over the hour is what
        // counts.
        Ledger& used = ledgers_[at->band];
        auto& minute = used.us[static_cast<std::size_t>(used.minute) % Ledger::kMinutes];
        const auto back =
            std::min<std::uint64_t>(minute, static_cast<std::uint64_t>(at->airtime_us));
        minute -= static_cast<std::uint32_t>(back);
        used.total_us -= back;
    }
    reserved_.erase(at);
}

}  // namespace helio::lns
