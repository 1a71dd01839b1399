#include "base/io/socket_pacer.h"

#include "tests/support/catch.h"

#include <algorithm>
#include <vector>

namespace helio::io {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr auto kCost = microseconds(10);  // of a look

// A loop in steps of time: it looks where there is input, or at distances, as the pacer says.
struct World {
    SocketPacer pacer;
    SocketPacer::Time now{seconds(1000)};
    unsigned looks = 0;
    unsigned spread_looks = 0;
    bool spread = false;

    void look(std::uint64_t input) {
        now += kCost;
        ++looks;
        spread_looks += spread;
        spread = pacer.after_look(input, now);
    }
    // When the loop looks, where something is there from `due` on.
    void await(SocketPacer::Time due) {
        now = spread ? now + SocketPacer::kSpread - kCost : std::max(now, due);
    }

    // Messages of 80 bytes come at equal distances, whatever the loop does.
    void steady(SocketPacer::Duration distance, SocketPacer::Duration length) {
        const auto end = now + length;
        for (auto next = now; now < end;) {
            await(next);
            std::uint64_t input = 0;
            for (; next <= now; next += distance) input += 80;
            look(input);
        }
    }
    // Clients that each send the next message `thinking` after the answer to the last.
    void closed(unsigned clients, SocketPacer::Duration thinking, SocketPacer::Duration length) {
        const auto end = now + length;
        std::vector<SocketPacer::Time> due(clients, now);
        while (now < end) {
            await(*std::ranges::min_element(due));
            const auto begin = now;
            look(80 * static_cast<std::uint64_t>(
                          std::ranges::count_if(due, [&](const auto at) { return at <= begin; })));
            for (auto& at : due) {
                if (at <= begin) at = now + thinking;
            }
        }
    }
    void forget() { looks = spread_looks = 0; }
};

}  // namespace

TEST_CASE("where there is little to do each message is looked at when it comes", "[io][loop]") {
    World w;
    w.steady(milliseconds(1), seconds(2));
    w.steady(microseconds(120), seconds(2));
    CHECK(w.spread_looks == 0);
}

TEST_CASE("looks that would follow each other closely are made at distances", "[io][loop]") {
    World w;
    w.steady(microseconds(50), milliseconds(100));
    w.forget();
    w.steady(microseconds(50), seconds(10));  // 200,000 messages
    CHECK(w.looks < 30'000);
}

TEST_CASE("who sends only after an answer is not slowed down", "[io][loop]") {
    World w;
    const unsigned clients = GENERATE(1u, 4u, 16u);
    w.closed(clients, microseconds(30), milliseconds(500));
    w.forget();
    w.closed(clients, microseconds(30), seconds(10));
    CHECK(w.spread_looks * SocketPacer::kSpread < seconds(1));  // the tries that show it
    CHECK(w.spread_looks > 0);
}

TEST_CASE("after a busy time messages are soon looked at when they come", "[io][loop]") {
    World w;
    w.steady(microseconds(50), milliseconds(100));
    w.steady(milliseconds(2), milliseconds(30));
    w.forget();
    w.steady(milliseconds(2), seconds(2));
    CHECK(w.spread_looks == 0);
}

}  // namespace helio::io
