#include "base/io/worker.h"

#include "tests/support/catch.h"

#include <atomic>
#include <future>
#include <thread>

using namespace helio;
using namespace helio::io;

TEST_CASE("work runs on another thread and is completed on the loop's", "[io][worker]") {
    Loop loop;
    Worker worker(loop);
    std::thread::id worked_on;
    std::thread::id completed_on;
    REQUIRE(worker.run([&] { worked_on = std::this_thread::get_id(); },
                       [&] { completed_on = std::this_thread::get_id(); }));
    CHECK(worker.queued() == 1);
    REQUIRE(loop.run_until([&] { return worker.queued() == 0; }));
    CHECK(completed_on == std::this_thread::get_id());
    CHECK(worked_on != std::thread::id());
    CHECK(worked_on != completed_on);
}

TEST_CASE("work beyond the limit is refused at once", "[io][worker]") {
    Loop loop;
    Worker worker(loop, 2);
    std::promise<void> gate;
    const std::shared_future<void> open = gate.get_future();
    int done = 0;
    for (int i = 0; i < 2; ++i) {
        REQUIRE(worker.run([open] { open.wait(); }, [&] { ++done; }));
    }
    CHECK_FALSE(worker.run([] {}, [&] { ++done; }));
    gate.set_value();
    REQUIRE(loop.run_until([&] { return done == 2; }));
    CHECK(worker.run([] {}, [&] { ++done; }));
    REQUIRE(loop.run_until([&] { return done == 3; }));
}

TEST_CASE("a worker that goes completes nothing any more", "[io][worker]") {
    Loop loop;
    bool completed = false;
    auto worker = std::make_unique<Worker>(loop);
    REQUIRE(worker->run([] {}, [&] { completed = true; }));
    worker.reset();
    Worker other(loop);
    bool later = false;
    REQUIRE(other.run([] {}, [&] { later = true; }));
    REQUIRE(loop.run_until([&] { return later; }));
    CHECK_FALSE(completed);
}
