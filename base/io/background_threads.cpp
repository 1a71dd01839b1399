#include "base/io/background_threads.h"

#include <algorithm>
#include <sys/resource.h>
#include <unistd.h>

namespace helio::io {
namespace {

constexpr unsigned kMaxThreads = 8;
// A tenth of the loop's share where both want the same processor.
constexpr int kNiceness = 10;

void lower_priority() { setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness); }

}  // namespace

BackgroundThreads::BackgroundThreads(Loop::Impl& loop) : loop_(loop) {
    const unsigned processors = std::thread::hardware_concurrency();
    const unsigned count = std::clamp(processors, 2u, kMaxThreads + 1) - 1;
    for (unsigned i = 0; i < count; ++i) threads_.emplace_back([this] { serve(); });
}

BackgroundThreads::~BackgroundThreads() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    has_work_.notify_all();
    for (std::thread& thread : threads_) thread.join();
}

void BackgroundThreads::run(std::function<void()> work, std::function<void()> done) {
    {
        const std::lock_guard lock(mutex_);
        jobs_.push_back({std::move(work), std::move(done)});
    }
    has_work_.notify_one();
}

void BackgroundThreads::serve() {
    lower_priority();
    std::unique_lock lock(mutex_);
    while (true) {
        has_work_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_) return;
        Job job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job.work();
        loop_.post(std::move(job.done));
        lock.lock();
    }
}

}  // namespace helio::io
