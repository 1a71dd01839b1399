#include "base/io/loop.h"

#include "base/io/background_threads.h"
#include "base/io/loop_impl.h"

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

namespace helio::io {
namespace {

void require(int status, const char* what) {
    if (status != 0) {
        throw std::runtime_error(std::string(what) + " failed: " + uv_strerror(status));
    }
}

template <class Handle>
uv_handle_t* as_handle(Handle& handle) {
    return reinterpret_cast<uv_handle_t*>(&handle);
}

// The usual soft limit of 1,024 is there for select(); a thousand clients are not many.
void allow_many_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Loop::Impl::Impl()
    : read_buffer(std::make_unique_for_overwrite<std::uint8_t[]>(kReadBufferSize)),
      plain_buffer(std::make_unique_for_overwrite<std::uint8_t[]>(kReadBufferSize)) {
    // A peer that goes away must be an error of its stream, not the end of the process.
    std::signal(SIGPIPE, SIG_IGN);
    allow_many_descriptors();
    std::signal(SIGXFSZ, SIG_IGN);  // a file at its limit (ulimit -f) is an error to the writer
    require(uv_loop_init(&loop), "the event loop");
    sockets.emplace(loop);
    wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    require(uv_poll_init(&loop, &woken, wake), "the event loop's wake-up");
    woken.data = this;
    uv_poll_start(&woken, UV_READABLE, [](uv_poll_t* handle, int, int) {
        static_cast<Impl*>(handle->data)->run_posted();
    });
    uv_prepare_init(&loop, &prepare);
    prepare.data = this;
    // Preparing to wait is the one place that comes after timers and after I/O in every libuv.
    uv_prepare_start(&prepare,
                     [](uv_prepare_t* handle) { static_cast<Impl*>(handle->data)->end_turn(); });
    for (uv_signal_t& signal : signals) {
        uv_signal_init(&loop, &signal);
        signal.data = this;
    }
}

Loop::Impl::~Impl() {
    background.reset();
    run_closed();
    sockets.reset();
    uv_close(as_handle(woken), nullptr);
    uv_close(as_handle(prepare), nullptr);
    for (uv_signal_t& signal : signals) uv_close(as_handle(signal), nullptr);
    // The close callbacks of what was made with this loop; a stop() after the last run ends the
    // first of the two before it has begun.
    if (uv_run(&loop, UV_RUN_DEFAULT) != 0) uv_run(&loop, UV_RUN_DEFAULT);
    [[maybe_unused]] const int status = uv_loop_close(&loop);
    assert(status == 0 && "something made with the loop outlives it");
    ::close(wake);
}

Instant Loop::Impl::now() {
    if (!turn_time_read) {
        const auto wall = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
        turn_time = clock.read(wall, std::chrono::steady_clock::now());
        turn_time_read = true;
    }
    return turn_time;
}

void Loop::Impl::post(std::function<void()> call) {
    bool first = false;
    {
        const std::lock_guard lock(mutex);
        first = posted.empty();
        posted.push_back(std::move(call));
    }
    const std::uint64_t one = 1;
    if (first && ::write(wake, &one, sizeof(one)) < 0) assert(errno == EAGAIN);
}

BackgroundThreads& Loop::Impl::background_threads() {
    if (!background) background = std::make_unique<BackgroundThreads>(*this);
    return *background;
}

void Loop::Impl::run_posted() {
    std::uint64_t count = 0;
    if (::read(wake, &count, sizeof(count)) < 0) return;
    std::vector<std::function<void()>> calls;
    {
        const std::lock_guard lock(mutex);
        calls.swap(posted);
    }
    for (const auto& call : calls) call();
}

void Loop::Impl::run_closed() {
    for (std::size_t i = 0; i < closing.size(); ++i) closing[i]->closed();
    closing.clear();
}

void Loop::Impl::end_turn() {
    do {
        run_closed();
        finish_turn();
    } while (!closing.empty());
    turn_time_read = false;
}

void Loop::Impl::finish_turn() {
    for (std::size_t i = 0; i < turn_end.size(); ++i) turn_end[i]();
    // Flushing may queue another: a TLS stream writes to its TCP stream.
    for (std::size_t i = 0; i < dirty.size(); ++i) {
        if (Flushable* const flushable = dirty[i]) {
            flushable->queued_for_flush_ = false;
            flushable->flush();
        }
    }
    dirty.clear();
}

void Loop::Impl::flush_later(Flushable& flushable) {
    if (flushable.queued_for_flush_) return;
    flushable.queued_for_flush_ = true;
    dirty.push_back(&flushable);
}

void Loop::Impl::forget(Flushable& flushable) {
    if (!flushable.queued_for_flush_) return;
    flushable.queued_for_flush_ = false;
    std::ranges::replace(dirty, &flushable, static_cast<Flushable*>(nullptr));
}

Bytes Loop::Impl::take_buffer() {
    if (buffers.empty()) return {};
    Bytes buffer = std::move(buffers.back());
    buffers.pop_back();
    return buffer;
}

void Loop::Impl::give_back(Bytes&& buffer) {
    Bytes taken = std::move(buffer);
    if (buffers.size() >= kPooledBuffers || taken.capacity() > kPooledCapacity) return;
    taken.clear();
    buffers.push_back(std::move(taken));
}

Loop::Loop() : impl_(std::make_unique<Impl>()) {}
Loop::~Loop() = default;

void Loop::run() {
    uv_run(&impl_->loop, UV_RUN_DEFAULT);
    impl_->end_turn();  // of the turn in which stop() was called
}

bool Loop::run_until(const std::function<bool()>& done, Duration limit) {
    bool expired = false;
    auto* const timer = new uv_timer_t;
    uv_timer_init(&impl_->loop, timer);
    timer->data = &expired;
    uv_update_time(&impl_->loop);
    uv_timer_start(
        timer,
        [](uv_timer_t* handle) { *static_cast<bool*>(handle->data) = true; },
        static_cast<std::uint64_t>(std::chrono::ceil<std::chrono::milliseconds>(limit).count()),
        0);
    bool held = done();
    while (!held && !expired) {
        uv_run(&impl_->loop, UV_RUN_ONCE);
        impl_->end_turn();
        held = done();
    }
    uv_close(reinterpret_cast<uv_handle_t*>(timer),
             [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
    return held;
}

void Loop::stop() { uv_stop(&impl_->loop); }

void Loop::post(std::function<void()> call) { impl_->post(std::move(call)); }

void Loop::on_turn_end(std::function<void()> hook) { impl_->turn_end.push_back(std::move(hook)); }

Instant Loop::now() { return impl_->now(); }

void Loop::not_before(Instant at) {
    impl_->clock.not_before(at, std::chrono::steady_clock::now());
    impl_->turn_time_read = false;
}

void Loop::on_stop_signal(std::function<void()> call) {
    impl_->on_stop_signal = std::move(call);
    const auto answer = [](uv_signal_t* handle, int) {
        static_cast<Impl*>(handle->data)->on_stop_signal();
    };
    require(uv_signal_start(&impl_->signals[0], answer, SIGTERM), "listening for SIGTERM");
    require(uv_signal_start(&impl_->signals[1], answer, SIGINT), "listening for SIGINT");
}

void Loop::on_reload_signal(std::function<void()> call) {
    impl_->on_reload_signal = std::move(call);
    const auto answer = [](uv_signal_t* handle, int) {
        static_cast<Impl*>(handle->data)->on_reload_signal();
    };
    require(uv_signal_start(&impl_->signals[2], answer, SIGHUP), "listening for SIGHUP");
}

}  // namespace helio::io
