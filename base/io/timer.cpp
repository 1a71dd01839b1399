#include "base/io/timer.h"

#include "base/io/loop_impl.h"

#include <algorithm>

namespace helio::io {

struct Timer::State {
    Loop::Impl& loop;
    std::function<void()> on_due;
    uv_timer_t timer{};
    std::optional<Instant> at;

    void start(Duration delay, Duration period) {
        const auto ms = [](Duration d) {
            const auto whole = std::chrono::ceil<std::chrono::milliseconds>(d).count();
            return static_cast<std::uint64_t>(std::max<std::int64_t>(whole, 0));
        };
        uv_timer_start(&timer, due, ms(delay), ms(period));
    }

    static void due(uv_timer_t* handle) {
        auto& self = *static_cast<State*>(handle->data);
        if (self.at) {
            // libuv's clock and UTC may disagree by a step of the latter.
            if (const Duration left = *self.at - self.loop.now(); left > Duration::zero()) {
                return self.start(left, Duration::zero());
            }
            self.at.reset();
        }
        self.on_due();  // may destroy the timer: nothing of it is used from here on
    }
};

Timer::Timer(Loop& loop, std::function<void()> on_due)
    : state_(new State{.loop = loop.impl(), .on_due = std::move(on_due)}) {
    uv_timer_init(&state_->loop.loop, &state_->timer);
    state_->timer.data = state_;
}

Timer::~Timer() {
    uv_close(reinterpret_cast<uv_handle_t*>(&state_->timer),
             [](uv_handle_t* handle) { delete static_cast<State*>(handle->data); });
}

void Timer::start_at(Instant at) {
    if (state_->at == at && running()) return;
    state_->at = at;
    state_->start(at - state_->loop.now(), Duration::zero());
}

void Timer::start_after(Duration delay) {
    state_->at.reset();
    state_->start(delay, Duration::zero());
}

void Timer::start_every(Duration period) {
    state_->at.reset();
    state_->start(period, period);
}

void Timer::stop() {
    state_->at.reset();
    uv_timer_stop(&state_->timer);
}

bool Timer::running() const {
    return uv_is_active(reinterpret_cast<const uv_handle_t*>(&state_->timer)) != 0;
}

}  // namespace helio::io
