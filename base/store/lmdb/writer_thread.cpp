#include "base/store/lmdb/writer_thread.h"

#include <chrono>
#include <pthread.h>
#include <signal.h>
#include <time.h>
#include <utility>

namespace helio::store {
namespace {

std::uint64_t thread_cpu_us() {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 +
           static_cast<std::uint64_t>(t.tv_nsec) / 1000;
}

// Signals are for the loop thread; the name tells whose the bytes written are, in /proc.
void become_writer() {
    ::pthread_setname_np(::pthread_self(), "store-writer");
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

WriterThread::~WriterThread() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void WriterThread::start(const Job& job) {
    {
        const std::lock_guard lock(mutex_);
        job_ = job;
    }
    changed_.notify_all();
}

std::optional<WriterThread::Result> WriterThread::take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(result_, std::nullopt);
}

WriterThread::Result WriterThread::wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return result_.has_value(); });
    return *std::exchange(result_, std::nullopt);
}

void WriterThread::on_result(std::function<void()> notify) {
    const std::lock_guard lock(mutex_);
    notify_ = std::move(notify);
}

void WriterThread::run() {
    become_writer();
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return ending_ || job_.has_value(); });
        if (!job_) return;
        const Job job = *std::exchange(job_, std::nullopt);
        lock.unlock();
        const Result result = do_job(job);
        lock.lock();
        result_ = result;
        // Under the lock, so that no notify is running any more once on_result has replaced it.
        if (notify_) notify_();
        changed_.notify_all();
    }
}

WriterThread::Result WriterThread::do_job(const Job& job) {
    const auto start = std::chrono::steady_clock::now();
    const std::uint64_t cpu_start = thread_cpu_us();
    const int error = writer_.write(job.env, job.main, *job.tables, *job.commit);
    const auto busy = std::chrono::steady_clock::now() - start;
    const auto busy_us = std::chrono::duration_cast<std::chrono::microseconds>(busy).count();
    return {error, static_cast<std::uint64_t>(busy_us), thread_cpu_us() - cpu_start};
}

}  // namespace helio::store
