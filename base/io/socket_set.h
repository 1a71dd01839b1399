// The stream sockets of a loop, in an epoll of their own that the loop watches as one handle.
//
// Ten thousand idle clients then cost a descriptor and a pointer each, not a handle of libuv's, and
// a turn that reads from many sockets finds them with one call.  Under load the set is looked at in
// equal distances of time (SocketPacer); datagrams and all else of the loop are not held up by
// that.
#pragma once

#include "base/io/socket_pacer.h"

#include <uv.h>

#include <array>
#include <cstdint>
#include <sys/epoll.h>

namespace helio::io {

// Whoever waits for a socket.
class Watcher {
  public:
    // EPOLLIN, EPOLLOUT, EPOLLRDHUP; EPOLLERR and EPOLLHUP come unasked.  May end any watch, also
    // its own.
    virtual void ready(std::uint32_t events) = 0;

  protected:
    ~Watcher() = default;
};

class SocketSet {
  public:
    explicit SocketSet(uv_loop_t& loop);
    ~SocketSet();
    SocketSet(const SocketSet&) = delete;
    SocketSet& operator=(const SocketSet&) = delete;

    // From one set of events to another; none: not watched.
    void watch(int fd, Watcher& watcher, std::uint32_t before, std::uint32_t events);
    // Of a watch for edges: what is there still is reported anew.
    void report_again(int fd, Watcher& watcher, std::uint32_t events);
    // Before `watcher` goes or its socket is closed.
    void forget(int fd, Watcher& watcher, std::uint32_t before);

    // A watcher has read that much; a new connection counts as kInputOfConnection.
    void took_in(std::uint64_t bytes) { input_ += bytes; }
    static constexpr std::uint64_t kInputOfConnection = 64;

  private:
    void look();
    void hand_out();
    void set_spread(bool spread);

    static constexpr std::size_t kEventsAtOnce = 512;

    int epoll_;
    int clock_;         // a timerfd, which ticks while looks are spread
    uv_poll_t* poll_;   // of epoll_; stopped meanwhile
    uv_poll_t* ticks_;  // of clock_
    std::array<epoll_event, kEventsAtOnce> events_;
    std::size_t at_ = 0;  // in events_, while they are handed out
    std::size_t count_ = 0;
    bool has_new_ = false;  // watched since the last look began
    bool spread_ = false;
    std::uint64_t input_ = 0;  // of this look
    SocketPacer pacer_;
};

}  // namespace helio::io
