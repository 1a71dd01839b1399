#include "base/io/socket_set.h"

#include <stdexcept>
#include <sys/timerfd.h>
#include <unistd.h>
#include <utility>

namespace helio::io {
namespace {

void delete_handle(uv_poll_t* poll) {
    uv_close(reinterpret_cast<uv_handle_t*>(poll),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
}

}  // namespace

SocketSet::SocketSet(uv_loop_t& loop)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      clock_(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)),
      poll_(new uv_poll_t),
      ticks_(new uv_poll_t) {
    if (epoll_ < 0 || clock_ < 0 || uv_poll_init(&loop, poll_, epoll_) != 0 ||
        uv_poll_init(&loop, ticks_, clock_) != 0) {
        throw std::runtime_error("the system has no descriptors left for the event loop");
    }
    poll_->data = this;
    ticks_->data = this;
    set_spread(false);
}

SocketSet::~SocketSet() {
    delete_handle(poll_);
    delete_handle(ticks_);
    ::close(epoll_);
    ::close(clock_);
}

void SocketSet::watch(int fd, Watcher& watcher, std::uint32_t before, std::uint32_t events) {
    if (before == events) return;
    if (events == 0) return forget(fd, watcher, before);
    has_new_ |= before == 0;
    epoll_event event{.events = events, .data = {.ptr = &watcher}};
    epoll_ctl(epoll_, before == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
}

void SocketSet::report_again(int fd, Watcher& watcher, std::uint32_t events) {
    epoll_event event{.events = events, .data = {.ptr = &watcher}};
    epoll_ctl(epoll_, EPOLL_CTL_MOD, fd, &event);
}

void SocketSet::forget(int fd, Watcher& watcher, std::uint32_t before) {
    if (before == 0) return;
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
    for (std::size_t i = at_; i < count_; ++i) {
        if (events_[i].data.ptr == &watcher) events_[i].data.ptr = nullptr;
    }
}

void SocketSet::set_spread(bool spread) {
    spread_ = spread;
    const long ns = spread ? std::chrono::nanoseconds(SocketPacer::kSpread).count() : 0;
    const itimerspec each{.it_interval = {.tv_sec = 0, .tv_nsec = ns},
                          .it_value = {.tv_sec = 0, .tv_nsec = ns}};
    timerfd_settime(clock_, 0, &each, nullptr);
    uv_poll_stop(spread ? poll_ : ticks_);
    uv_poll_start(spread ? ticks_ : poll_, UV_READABLE, [](uv_poll_t* handle, int, int) {
        static_cast<SocketSet*>(handle->data)->look();
    });
}

void SocketSet::look() {
    std::uint64_t ticks = 0;
    if (spread_ && ::read(clock_, &ticks, sizeof(ticks)) < 0) return;
    has_new_ = false;
    hand_out();
    // Who has just connected has mostly spoken already: the same turn answers.
    if (has_new_) hand_out();
    const bool spread =
        pacer_.after_look(std::exchange(input_, 0), std::chrono::steady_clock::now());
    if (spread != spread_) set_spread(spread);
}

void SocketSet::hand_out() {
    const int found = epoll_wait(epoll_, events_.data(), kEventsAtOnce, 0);
    count_ = found < 0 ? 0 : static_cast<std::size_t>(found);
    for (at_ = 0; at_ < count_;) {
        const epoll_event& event = events_[at_++];
        if (event.data.ptr != nullptr) static_cast<Watcher*>(event.data.ptr)->ready(event.events);
    }
    count_ = at_ = 0;
}

}  // namespace helio::io
