// What the network server has counted since its start: every frame ends in exactly one of the
// uplink outcomes.  Plain numbers; the wiring shows them as metrics through kStatRows.
#pragma once

#include <cstdint>
#include <string_view>

namespace helio::lns {

struct Stats {
    // Receptions, as gateways sent them.
    std::uint64_t receptions = 0;
    std::uint64_t unknown_gateway = 0;
    std::uint64_t malformed = 0;         // no LoRaWAN frame that a device sends
    std::uint64_t unsupported_type = 0;  // rejoin-requests and proprietary frames
    std::uint64_t wrong_frequency = 0;   // outside of every region that is configured
    std::uint64_t copies = 0;            // of a frame that was open
    std::uint64_t late_copies = 0;       // of a frame that was handled already
    std::uint64_t excess_copies = 0;     // beyond the number that is kept of one frame
    std::uint64_t shed = 0;              // refused because too many frames were open

    // Frames, after deduplication.
    std::uint64_t frames = 0;
    std::uint64_t closed_early = 0;
    std::uint64_t accepted = 0;
    std::uint64_t repeated = 0;    // the last frame again, by NbTrans or for want of an answer
    std::uint64_t replayed = 0;    // an older counter
    std::uint64_t no_session = 0;  // nobody has this DevAddr
    std::uint64_t wrong_mic = 0;
    std::uint64_t counter_gap = 0;    // more than MAX_FCNT_GAP ahead (before 1.0.4)
    std::uint64_t counter_reset = 0;  // accepted from an ABP device that may start again
    std::uint64_t mic_attempts_exhausted = 0;
    std::uint64_t disabled_device = 0;
    std::uint64_t wrong_data_rate = 0;  // no uplink data rate of the region
    std::uint64_t wrong_region = 0;     // the session is of another region than the gateway
    std::uint64_t counter_exhausted = 0;
    std::uint64_t corrupt_record = 0;

    // Joins.
    std::uint64_t joins_accepted = 0;
    std::uint64_t join_unknown_device = 0;
    std::uint64_t join_wrong_mic = 0;
    std::uint64_t join_wrong_join_eui = 0;
    std::uint64_t join_nonce_used = 0;
    std::uint64_t join_nonces_exhausted = 0;
    std::uint64_t join_not_supported = 0;

    // Downlinks.
    std::uint64_t downlinks_planned = 0;  // frames made
    std::uint64_t downlinks_offered = 0;  // to a gateway: a frame may be offered several times
    std::uint64_t downlinks_sent = 0;     // TX_ACK said ok
    std::uint64_t downlinks_refused = 0;  // TX_ACK said no
    std::uint64_t downlinks_silent = 0;   // no TX_ACK came
    std::uint64_t downlinks_failed = 0;   // no window and no gateway was left
    std::uint64_t unknown_tx_ack = 0;
    std::uint64_t schedule_collision = 0;
    std::uint64_t schedule_duty_cycle = 0;
    std::uint64_t schedule_gone = 0;
    std::uint64_t schedule_too_late = 0;
    std::uint64_t queue_expired = 0;
    std::uint64_t queue_too_large = 0;
    std::uint64_t queue_dropped = 0;  // after the last attempt
    std::uint64_t log_events_withheld = 0;
};

struct StatRow {
    std::string_view name;    // of the metric, without prefix
    std::string_view reason;  // its label; empty: none
    std::uint64_t Stats::*value;
};

// clang-format off
inline constexpr StatRow kStatRows[] = {
    {"receptions_total",           "",                     &Stats::receptions},
    {"receptions_refused_total",   "unknown_gateway",      &Stats::unknown_gateway},
    {"receptions_refused_total",   "malformed",            &Stats::malformed},
    {"receptions_refused_total",   "unsupported_type",     &Stats::unsupported_type},
    {"receptions_refused_total",   "wrong_frequency",      &Stats::wrong_frequency},
    {"receptions_refused_total",   "overload",             &Stats::shed},
    {"copies_total",               "merged",               &Stats::copies},
    {"copies_total",               "late",                 &Stats::late_copies},
    {"copies_total",               "excess",               &Stats::excess_copies},
    {"frames_total",               "",                     &Stats::frames},
    {"frames_closed_early_total",  "",                     &Stats::closed_early},
    {"uplinks_accepted_total",     "",                     &Stats::accepted},
    {"uplinks_repeated_total",     "",                     &Stats::repeated},
    {"uplinks_refused_total",      "replayed",             &Stats::replayed},
    {"uplinks_refused_total",      "no_session",           &Stats::no_session},
    {"uplinks_refused_total",      "wrong_mic",            &Stats::wrong_mic},
    {"uplinks_refused_total",      "counter_gap",          &Stats::counter_gap},
    {"uplinks_refused_total",      "attempts_exhausted",   &Stats::mic_attempts_exhausted},
    {"uplinks_refused_total",      "disabled_device",      &Stats::disabled_device},
    {"uplinks_refused_total",      "wrong_data_rate",      &Stats::wrong_data_rate},
    {"uplinks_refused_total",      "wrong_region",         &Stats::wrong_region},
    {"uplinks_refused_total",      "counter_exhausted",    &Stats::counter_exhausted},
    {"uplinks_refused_total",      "corrupt_record",       &Stats::corrupt_record},
    {"counter_resets_total",       "",                     &Stats::counter_reset},
    {"joins_accepted_total",       "",                     &Stats::joins_accepted},
    {"joins_refused_total",        "unknown_device",       &Stats::join_unknown_device},
    {"joins_refused_total",        "wrong_mic",            &Stats::join_wrong_mic},
    {"joins_refused_total",        "wrong_join_eui",       &Stats::join_wrong_join_eui},
    {"joins_refused_total",        "nonce_used",           &Stats::join_nonce_used},
    {"joins_refused_total",        "nonces_exhausted",     &Stats::join_nonces_exhausted},
    {"joins_refused_total",        "not_supported",        &Stats::join_not_supported},
    {"downlinks_planned_total",    "",                     &Stats::downlinks_planned},
    {"downlinks_offered_total",    "",                     &Stats::downlinks_offered},
    {"downlinks_ended_total",      "sent",                 &Stats::downlinks_sent},
    {"downlinks_ended_total",      "refused",              &Stats::downlinks_refused},
    {"downlinks_ended_total",      "silent",               &Stats::downlinks_silent},
    {"downlinks_ended_total",      "failed",               &Stats::downlinks_failed},
    {"tx_ack_unknown_total",       "",                     &Stats::unknown_tx_ack},
    {"schedule_refused_total",     "collision",            &Stats::schedule_collision},
    {"schedule_refused_total",     "duty_cycle",           &Stats::schedule_duty_cycle},
    {"schedule_refused_total",     "gone",                 &Stats::schedule_gone},
    {"schedule_refused_total",     "too_late",             &Stats::schedule_too_late},
    {"queue_dropped_total",        "expired",              &Stats::queue_expired},
    {"queue_dropped_total",        "too_large",            &Stats::queue_too_large},
    {"queue_dropped_total",        "attempts",             &Stats::queue_dropped},
    {"log_events_withheld_total",  "",                     &Stats::log_events_withheld},
};
// clang-format on

}  // namespace helio::lns
