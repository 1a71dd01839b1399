// What changes with every frame of a device, in few bytes: a commit costs the pages it touches, so
// keys and settings (the Session) stay out of it.
//
// Stored form, little-endian, 37 + 3n bytes (at most 97):
//
//   +---------+-------+------------+--------------+----------+--------------+------------------+
//   |    1    |   1   |     4      |      4       |    4     |      8       |        4         |
//   +---------+-------+------------+--------------+----------+--------------+------------------+
//   | version | flags | FCntUp     | FCntDown     | MIC of   | time of last | second of last   |
//   |    1    |       | next       | next         | last up  | uplink, us   | DevStatusReq     |
//   +---------+-------+------------+--------------+----------+--------------+------------------+
//   +-----------+---------+-------------+---------+-----------+--------------------------------+
//   |     1     |    1    |      1      |    4    |     4     |  n x 3                         |
//   +-----------+---------+-------------+---------+-----------+--------------------------------+
//   | data rate | repeats | nb of marks | FCntDown| FCntUp of | step, SNR in 1/4 dB, gateways  |
//   | of last up| of last |      n      | awaited | newest    | (high 4 bits) | power index    |
//   +-----------+---------+-------------+---------+-----------+--------------------------------+
#pragma once

#include "base/bytes.h"
#include "base/time.h"

#include <array>
#include <cstdint>
#include <optional>

namespace helio::lns {

// One accepted uplink, as ADR sees it: its best gateway's SNR, and the counter's step to the one
// before (255: that or more).
struct UplinkMark {
    std::uint8_t fcnt_step = 1;
    std::int8_t best_snr_quarter_db = 0;
    std::uint8_t gateways = 1;        // 15: that or more
    std::uint8_t tx_power_index = 0;  // what the device used
    float best_snr_db() const { return static_cast<float>(best_snr_quarter_db) / 4; }
    friend bool operator==(const UplinkMark&, const UplinkMark&) = default;
};

struct FrameState {
    static constexpr std::size_t kMaxMarks = 20;
    static constexpr std::size_t kMaxBytes = 37 + 3 * kMaxMarks;

    std::uint32_t fcnt_up_next = 0;    // the smallest counter that is new
    std::uint32_t fcnt_down_next = 0;  // the next one to be used; never given twice
    std::uint32_t last_mic = 0;        // of the uplink fcnt_up_next - 1: tells a repeat
    Instant last_uplink_at{};
    std::uint32_t last_status_request_s = 0;  // Unix time; 0: never
    std::uint8_t data_rate = 0;
    std::uint8_t repeats = 0;             // how often the last uplink was sent again
    std::uint32_t fcnt_down_awaited = 0;  // of the confirmed downlink, while awaiting_ack

    bool heard = false;          // at least one uplink was accepted
    bool queue_waiting = false;  // the downlink queue may hold something
    bool awaiting_ack = false;   // a confirmed downlink was sent and not answered yet
    bool answer_owed = false;    // a sticky MAC answer of ours went out; see lns/mac
    bool adr = false;            // of the last uplink

    std::uint8_t mark_count = 0;
    std::uint32_t newest_fcnt = 0;              // of the newest mark
    std::array<UplinkMark, kMaxMarks> marks{};  // oldest first

    void add_mark(std::uint32_t fcnt, UplinkMark mark);
    void clear_marks() { mark_count = 0; }

    friend bool operator==(const FrameState&, const FrameState&) = default;
};

// Answers the number of bytes written, at most kMaxBytes.
std::size_t encode_frame_state(const FrameState& state,
                               std::span<std::uint8_t, FrameState::kMaxBytes> out);
// Absent where the bytes are of a newer version or cut.
std::optional<FrameState> parse_frame_state(ByteView bytes);

// The counter alone, for ranking candidates without reading all.
std::optional<std::uint32_t> fcnt_up_next_of(ByteView bytes);

}  // namespace helio::lns
