#include "base/io/socket_pacer.h"

#include <algorithm>

namespace helio::io {
namespace {

constexpr SocketPacer::Duration kWindow = std::chrono::milliseconds(6);
constexpr unsigned kWindowsSpread = 32;
constexpr unsigned kPoorWindows = 2;  // one may be chance
constexpr double kClearlyLess = 0.75;
constexpr SocketPacer::Duration kLongestRest = std::chrono::seconds(1);

}  // namespace

bool SocketPacer::after_look(std::uint64_t input, Time now) {
    if (mode_ == Mode::resting) {
        if (now >= rest_until_) enter(Mode::as_it_comes, now);
        return false;
    }
    ++looks_;
    input_ += input;
    if (now - window_began_ >= kWindow) end_window(now);
    return mode_ == Mode::at_distances;
}

void SocketPacer::begin_window(Time now) {
    looks_ = 0;
    input_ = 0;
    window_began_ = now;
}

void SocketPacer::enter(Mode mode, Time now) {
    mode_ = mode;
    windows_ = 0;
    poor_windows_ = 0;
    begin_window(now);
}

void SocketPacer::end_window(Time now) {
    const Duration took = now - window_began_;
    const double rate = static_cast<double>(input_) / std::chrono::duration<double>(took).count();
    if (mode_ == Mode::as_it_comes) {
        if (input_ == 0 || took >= kDense * looks_) return begin_window(now);
        rate_as_it_comes_ = rate;
        return enter(Mode::at_distances, now);
    }
    poor_windows_ = rate < kClearlyLess * rate_as_it_comes_ ? poor_windows_ + 1 : 0;
    if (poor_windows_ == kPoorWindows) {
        rest_until_ = now + rest_;
        rest_ = std::min(rest_ * 2, kLongestRest);
        return enter(Mode::resting, now);
    }
    if (poor_windows_ == 0) rest_ = kShortestRest;
    if (++windows_ == kWindowsSpread) return enter(Mode::as_it_comes, now);
    begin_window(now);
}

}  // namespace helio::io
