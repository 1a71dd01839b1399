// What one gateway has been asked to send: it sends one frame at a time, and the law limits how
// much it sends in a band.  Asked by a value and answering with one, so that it can live on another
// node.
//
// Times are in the gateway's own concentrator clock, in microseconds and unwrapped: its 32-bit
// counter starts again every 71.6 minutes, and the server's clock is only good enough to tell which
// turn it is in.
#pragma once

#include "base/time.h"
#include "lns/region/region.h"

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace helio::lns {

struct TransmissionRequest {
    std::uint64_t downlink_id = 0;
    std::uint32_t path_epoch = 0;        // of the connection that the uplink came by
    std::uint32_t start_counter_us = 0;  // when the window opens, modulo 2^32
    Duration airtime{};
    std::uint32_t frequency_hz = 0;
    Instant send_by{};
};

enum class ScheduleAnswer : std::uint8_t {
    accepted,
    collision,   // it sends something else then
    duty_cycle,  // the band's share of this hour is used up
    gone,        // that connection is over
    too_late,
};

class GatewaySchedule {
  public:
    // `region` may be nullptr: no duty cycle is kept then.
    explicit GatewaySchedule(const Region* region) : region_(region) {}

    // A frame ended at this counter value, heard at `now`: keeps the clocks together.
    void observe(std::uint32_t counter_us, std::uint32_t path_epoch, Instant now);

    // Reserves the time where it is accepted.
    ScheduleAnswer ask(const TransmissionRequest& request, Instant now);
    // The gateway did not send it after all.
    void release(std::uint64_t downlink_id);

    std::size_t reservations() const { return reserved_.size(); }

  private:
    struct Reservation {
        std::uint64_t downlink_id;
        std::int64_t start_us;
        std::int64_t end_us;
        std::uint32_t band;
        std::int64_t airtime_us;
    };
    // Airtime of one band over an hour, in minutes.
    struct Ledger {
        static constexpr std::size_t kMinutes = 60;
        std::array<std::uint32_t, kMinutes> us{};
        std::int64_t minute = 0;  // the newest
        std::uint64_t total_us = 0;
        void advance(std::int64_t to_minute);
    };

    std::int64_t unwrap(std::uint32_t counter_us) const;
    void forget_old();
    Ledger& ledger(std::uint32_t band, Instant now);

    const Region* region_;
    std::uint32_t epoch_ = 0;
    std::optional<std::int64_t> clock_us_;  // unwrapped counter of the newest observation
    Instant clock_at_{};
    std::vector<Reservation> reserved_;  // few, by start
    std::vector<Ledger> ledgers_;        // by duty band
};

}  // namespace helio::lns
