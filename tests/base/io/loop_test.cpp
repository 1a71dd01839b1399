#include "base/io/loop.h"

#include "base/io/timer.h"
#include "base/io/wall_clock.h"
#include "tests/support/catch.h"

#include <csignal>
#include <thread>
#include <vector>

using namespace helio;
using namespace helio::io;
using namespace std::chrono_literals;

TEST_CASE("what another thread posts runs on the loop's thread", "[io][loop]") {
    Loop loop;
    std::thread::id ran_on;
    std::thread other([&] {
        loop.post([&] {
            ran_on = std::this_thread::get_id();
            loop.stop();
        });
    });
    loop.run();
    other.join();
    CHECK(ran_on == std::this_thread::get_id());
}

TEST_CASE("posted calls run in order, and one of them may post", "[io][loop]") {
    Loop loop;
    std::vector<int> order;
    loop.post([&] {
        order.push_back(1);
        loop.post([&] { order.push_back(3); });
    });
    loop.post([&] { order.push_back(2); });
    REQUIRE(loop.run_until([&] { return order.size() == 3; }));
    CHECK(order == std::vector{1, 2, 3});
}

TEST_CASE("the end of a turn comes after all its calls, timers included", "[io][loop]") {
    Loop loop;
    std::string events;
    loop.on_turn_end([&] { events += '.'; });
    loop.post([&] { events += 'a'; });
    loop.post([&] { events += 'b'; });
    Timer timer(loop, [&] { events += 't'; });
    timer.start_after(0ms);
    REQUIRE(loop.run_until([&] {
        return events.find('b') != std::string::npos && events.find('t') != std::string::npos;
    }));
    CHECK(events.find("ab.") != std::string::npos);
    CHECK(events.find("t.") != std::string::npos);
}

TEST_CASE("the turn in which stop is called still gets its end", "[io][loop]") {
    Loop loop;
    bool work_left = false;
    loop.on_turn_end([&] { work_left = false; });
    loop.post([&] {
        work_left = true;
        loop.stop();
    });
    loop.run();
    CHECK_FALSE(work_left);
}

TEST_CASE("a loop that each turn's end stops still ends what was made with it", "[io][loop]") {
    bool called = false;
    {
        Loop loop;
        Timer timer(loop, [&] { called = true; });
        timer.start_after(0ms);
        loop.on_turn_end([&] {
            if (called) loop.stop();
        });
        loop.run();
    }
    CHECK(called);
}

TEST_CASE("time stands still within a turn and goes on between turns", "[io][loop]") {
    Loop loop;
    std::vector<Instant> seen;
    const auto look = [&] { seen.push_back(loop.now()); };
    loop.post([&] {
        look();
        const auto until = std::chrono::steady_clock::now() + 2ms;
        while (std::chrono::steady_clock::now() < until) continue;
        look();
    });
    REQUIRE(loop.run_until([&] { return seen.size() == 2; }));
    loop.post(look);
    REQUIRE(loop.run_until([&] { return seen.size() == 3; }));
    CHECK(seen[0] == seen[1]);
    CHECK(seen[2] >= seen[1] + 2ms);
}

TEST_CASE("the loop's time begins where stored time ended", "[io][loop]") {
    Loop loop;
    const Instant stored = loop.now() + 24h;
    loop.not_before(stored);
    CHECK(loop.now() >= stored);
    CHECK(loop.now() < stored + 1h);
}

TEST_CASE("UTC goes on at the steady pace while the machine's clock is set back", "[io][loop]") {
    WallClock clock;
    const WallClock::Steady start{};
    const Instant noon = from_unix_us(1'700'000'000'000'000);
    CHECK(clock.read(noon, start) == noon);
    CHECK(clock.read(noon - 1h, start + 1s) == noon + 1s);
    CHECK(clock.read(noon - 1h + 1s, start + 2s) == noon + 2s);
    CHECK(clock.read(noon + 5s, start + 3s) == noon + 5s);
}

TEST_CASE("SIGTERM calls back instead of ending the process", "[io][loop]") {
    Loop loop;
    bool asked_to_stop = false;
    loop.on_stop_signal([&] { asked_to_stop = true; });
    std::raise(SIGTERM);
    CHECK(loop.run_until([&] { return asked_to_stop; }));
}

TEST_CASE("a timer started at an instant does not call before it", "[io][timer]") {
    Loop loop;
    std::optional<Instant> called_at;
    Timer timer(loop, [&] { called_at = loop.now(); });
    const Instant due = loop.now() + 15'300us;
    timer.start_at(due);
    REQUIRE(loop.run_until([&] { return called_at.has_value(); }));
    CHECK(*called_at >= due);
    CHECK_FALSE(timer.running());
}

TEST_CASE("a timer repeats until it is stopped", "[io][timer]") {
    Loop loop;
    int calls = 0;
    Timer timer(loop, [&] {
        if (++calls == 3) timer.stop();
    });
    timer.start_every(1ms);
    bool later = false;
    Timer end(loop, [&] { later = true; });
    end.start_after(30ms);
    REQUIRE(loop.run_until([&] { return later; }));
    CHECK(calls == 3);
}

TEST_CASE("starting a timer again replaces its time", "[io][timer]") {
    Loop loop;
    int calls = 0;
    Timer timer(loop, [&] { ++calls; });
    timer.start_after(1h);
    timer.start_after(1ms);
    CHECK(loop.run_until([&] { return calls == 1; }));
    timer.start_at(loop.now() - 1s);
    CHECK(loop.run_until([&] { return calls == 2; }));
}

TEST_CASE("a timer may go away inside its own call", "[io][timer]") {
    Loop loop;
    bool called = false;
    std::unique_ptr<Timer> timer;
    timer = std::make_unique<Timer>(loop, [&] {
        called = true;
        timer.reset();
    });
    timer->start_after(0ms);
    CHECK(loop.run_until([&] { return called; }));
    CHECK(timer == nullptr);
}
