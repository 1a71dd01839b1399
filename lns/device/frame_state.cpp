#include "lns/device/frame_state.h"

#include <algorithm>

namespace helio::lns {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHeaderBytes = 37;

enum Flag : std::uint8_t {
    heard = 1,
    queue_waiting = 2,
    awaiting_ack = 4,
    answer_owed = 8,
    adr = 16,
};

template <class T>
std::uint8_t* put(std::uint8_t* at, T value) {
    for (std::size_t i = 0; i < sizeof(T); ++i) *at++ = static_cast<std::uint8_t>(value >> (8 * i));
    return at;
}

template <class T>
T take(const std::uint8_t*& at) {
    T value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) value |= static_cast<T>(T{*at++} << (8 * i));
    return value;
}

}  // namespace

void FrameState::add_mark(std::uint32_t fcnt, UplinkMark mark) {
    if (mark_count == kMaxMarks) {
        std::shift_left(marks.begin(), marks.end(), 1);
        --mark_count;
    }
    const std::uint32_t step = mark_count == 0 ? 1 : fcnt - newest_fcnt;
    mark.fcnt_step = static_cast<std::uint8_t>(std::min<std::uint32_t>(step, 255));
    marks[mark_count++] = mark;
    newest_fcnt = fcnt;
}

std::size_t encode_frame_state(const FrameState& s,
                               std::span<std::uint8_t, FrameState::kMaxBytes> out) {
    const int flags = (s.heard ? Flag::heard : 0) | (s.queue_waiting ? Flag::queue_waiting : 0) |
                      (s.awaiting_ack ? Flag::awaiting_ack : 0) |
                      (s.answer_owed ? Flag::answer_owed : 0) | (s.adr ? Flag::adr : 0);
    std::uint8_t* at = out.data();
    at = put(at, kVersion);
    at = put(at, static_cast<std::uint8_t>(flags));
    at = put(at, s.fcnt_up_next);
    at = put(at, s.fcnt_down_next);
    at = put(at, s.last_mic);
    at = put(at, static_cast<std::uint64_t>(to_unix_us(s.last_uplink_at)));
    at = put(at, s.last_status_request_s);
    at = put(at, s.data_rate);
    at = put(at, s.repeats);
    at = put(at, s.mark_count);
    at = put(at, s.fcnt_down_awaited);
    at = put(at, s.newest_fcnt);
    for (std::size_t i = 0; i < s.mark_count; ++i) {
        const UplinkMark& mark = s.marks[i];
        at = put(at, mark.fcnt_step);
        at = put(at, static_cast<std::uint8_t>(mark.best_snr_quarter_db));
        at = put(at,
                 static_cast<std::uint8_t>(std::min<int>(mark.gateways, 15) << 4 |
                                           (mark.tx_power_index & 15)));
    }
    return static_cast<std::size_t>(at - out.data());
}

std::optional<FrameState> parse_frame_state(ByteView bytes) {
    if (bytes.size() < kHeaderBytes || bytes[0] != kVersion) return std::nullopt;
    const std::uint8_t* at = bytes.data() + 1;
    FrameState s;
    const auto flags = take<std::uint8_t>(at);
    s.heard = flags & Flag::heard;
    s.queue_waiting = flags & Flag::queue_waiting;
    s.awaiting_ack = flags & Flag::awaiting_ack;
    s.answer_owed = flags & Flag::answer_owed;
    s.adr = flags & Flag::adr;
    s.fcnt_up_next = take<std::uint32_t>(at);
    s.fcnt_down_next = take<std::uint32_t>(at);
    s.last_mic = take<std::uint32_t>(at);
    s.last_uplink_at = from_unix_us(static_cast<std::int64_t>(take<std::uint64_t>(at)));
    s.last_status_request_s = take<std::uint32_t>(at);
    s.data_rate = take<std::uint8_t>(at);
    s.repeats = take<std::uint8_t>(at);
    s.mark_count = take<std::uint8_t>(at);
    s.fcnt_down_awaited = take<std::uint32_t>(at);
    s.newest_fcnt = take<std::uint32_t>(at);
    if (s.mark_count > FrameState::kMaxMarks || bytes.size() != kHeaderBytes + 3u * s.mark_count) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < s.mark_count; ++i) {
        UplinkMark& mark = s.marks[i];
        mark.fcnt_step = take<std::uint8_t>(at);
        mark.best_snr_quarter_db = static_cast<std::int8_t>(take<std::uint8_t>(at));
        const auto packed = take<std::uint8_t>(at);
        mark.gateways = packed >> 4;
        mark.tx_power_index = packed & 15;
    }
    return s;
}

std::optional<std::uint32_t> fcnt_up_next_of(ByteView bytes) {
    if (bytes.size() < kHeaderBytes || bytes[0] != kVersion) return std::nullopt;
    const std::uint8_t* at = bytes.data() + 2;
    return take<std::uint32_t>(at);
}

}  // namespace helio::lns
