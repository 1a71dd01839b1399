#include "base/io/worker.h"

#include "base/io/loop_impl.h"

#include <unordered_set>

namespace helio::io {

struct Worker::State {
    Loop::Impl& loop;
    std::size_t max_queued;
    bool has_owner = true;
    std::unordered_set<Job*> jobs;
};

struct Worker::Job {
    uv_work_t request{};
    std::shared_ptr<State> state;
    std::function<void()> work;
    std::function<void()> done;

    static Job& of(uv_work_t* request) { return *static_cast<Job*>(request->data); }
};

Worker::Worker(Loop& loop, std::size_t max_queued)
    : state_(std::make_shared<State>(State{.loop = loop.impl(), .max_queued = max_queued})) {}

Worker::~Worker() {
    state_->has_owner = false;
    for (Job* const job : state_->jobs) uv_cancel(reinterpret_cast<uv_req_t*>(&job->request));
}

bool Worker::run(std::function<void()> work, std::function<void()> done) {
    if (state_->jobs.size() >= state_->max_queued) return false;
    auto job = std::make_unique<Job>();
    job->state = state_;
    job->work = std::move(work);
    job->done = std::move(done);
    job->request.data = job.get();
    const int status = uv_queue_work(
        &state_->loop.loop,
        &job->request,
        [](uv_work_t* request) { Job::of(request).work(); },
        [](uv_work_t* request, int) {
            const std::unique_ptr<Job> finished(&Job::of(request));
            finished->state->jobs.erase(finished.get());
            if (finished->state->has_owner) finished->done();
        });
    if (status != 0) return false;
    state_->jobs.insert(job.release());
    return true;
}

std::size_t Worker::queued() const { return state_->jobs.size(); }

}  // namespace helio::io
