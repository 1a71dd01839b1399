#include "base/io/socket_set.h"

#include <stdexcept>
#include <unistd.h>

namespace helio::io {

SocketSet::SocketSet(uv_loop_t& loop) : epoll_(epoll_create1(EPOLL_CLOEXEC)), poll_(new uv_poll_t) {
    if (epoll_ < 0 || uv_poll_init(&loop, poll_, epoll_) != 0) {
        throw std::runtime_error("the system has no descriptors left for the event loop");
    }
    poll_->data = this;
    uv_poll_start(poll_, UV_READABLE, [](uv_poll_t* handle, int, int) {
        static_cast<SocketSet*>(handle->data)->dispatch();
    });
}

SocketSet::~SocketSet() {
    uv_close(reinterpret_cast<uv_handle_t*>(poll_),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_poll_t*>(handle); });
    ::close(epoll_);
}

void SocketSet::watch(int fd, Watcher& watcher, std::uint32_t before, std::uint32_t events) {
    if (before == events) return;
    if (events == 0) return forget(fd, watcher, before);
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

void SocketSet::dispatch() {
    const int found = epoll_wait(epoll_, events_.data(), kEventsAtOnce, 0);
    count_ = found < 0 ? 0 : static_cast<std::size_t>(found);
    for (at_ = 0; at_ < count_;) {
        const epoll_event& event = events_[at_++];
        if (event.data.ptr != nullptr) static_cast<Watcher*>(event.data.ptr)->ready(event.events);
    }
    count_ = at_ = 0;
}

}  // namespace helio::io
