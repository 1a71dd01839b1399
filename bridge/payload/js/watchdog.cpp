#include "bridge/payload/js/watchdog.h"

namespace helio::bridge::payload::js {
namespace {

constexpr std::chrono::milliseconds kRhythm{10};

}  // namespace

Watchdog::Watchdog(std::function<void()> interrupt)
    : interrupt_(std::move(interrupt)), thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
    {
        const std::lock_guard lock(mutex_);
        stop_ = true;
    }
    wake_.notify_one();
    thread_.join();
}

void Watchdog::arm(std::chrono::milliseconds time) {
    expired_ = false;
    deadline_ = (Clock::now() + time).time_since_epoch().count();
}

void Watchdog::disarm() { deadline_ = 0; }

void Watchdog::watch() {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kRhythm, [this] { return stop_; })) {
        const Clock::rep deadline = deadline_;
        if (deadline != 0 && Clock::now().time_since_epoch().count() >= deadline) {
            expired_ = true;
            interrupt_();
        }
    }
}

}  // namespace helio::bridge::payload::js
