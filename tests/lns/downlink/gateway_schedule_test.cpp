#include "lns/downlink/gateway_schedule.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace std::chrono_literals;
using enum ScheduleAnswer;

namespace {

constexpr std::uint32_t kBandM = 868'100'000;  // 1 %
constexpr std::uint32_t kBandL = 867'100'000;  // 1 %
constexpr std::uint32_t kBandP = 869'525'000;  // 10 %

struct Gateway {
    GatewaySchedule schedule{find_region("EU868")};
    Instant now = from_unix_us(1'800'000'000'000'000);
    std::uint64_t id = 0;

    Gateway() { hears(); }

    std::uint32_t counter(Duration ahead = 0s) const {
        return static_cast<std::uint32_t>(to_unix_us(now + ahead));
    }
    void hears(std::uint32_t epoch = 0) { schedule.observe(counter(), epoch, now); }
    void pass(Duration time) {
        now += time;
        hears();
    }
    ScheduleAnswer ask(Duration ahead,
                       Duration airtime,
                       std::uint32_t hz = kBandM,
                       std::uint32_t epoch = 0) {
        return schedule.ask({.downlink_id = ++id,
                             .path_epoch = epoch,
                             .start_counter_us = counter(ahead),
                             .airtime = airtime,
                             .frequency_hz = hz,
                             .send_by = now + ahead},
                            now);
    }
    // Frames of a second, one after the other, until one is not accepted; how many were.
    int fill(std::uint32_t hz) {
        for (int count = 0;; ++count) {
            if (ask(1s, 1s, hz) != accepted) return count;
            pass(2s);
        }
    }
};

}  // namespace

TEST_CASE("a gateway sends one frame at a time, with a moment between two", "[lns][schedule]") {
    Gateway g;
    CHECK(g.ask(1s, 50ms) == accepted);
    CHECK(g.ask(1s, 50ms, kBandP) == collision);
    CHECK(g.ask(1s + 49ms, 50ms) == collision);
    CHECK(g.ask(1s - 49ms, 50ms) == collision);
    CHECK(g.ask(1s + 51ms, 50ms) == collision);  // no time to load it
    CHECK(g.ask(1s + 53ms, 50ms) == accepted);
    CHECK(g.ask(1s - 53ms, 50ms) == accepted);
    g.pass(5s);
    CHECK(g.schedule.reservations() == 0);
}

TEST_CASE("a gateway sends 1 % of an hour where EU868 allows 1 %, and 10 % in RX2's band",
          "[lns][schedule]") {
    Gateway g;
    CHECK(g.fill(kBandM) == 36);
    CHECK(g.ask(1s, 1s, kBandM) == duty_cycle);
    CHECK(g.fill(kBandL) == 36);  // each band has its own
    CHECK(g.fill(kBandP) == 360);
    CHECK(g.ask(1s, 1s, kBandP) == duty_cycle);
}

TEST_CASE("airtime is given back as it grows an hour old", "[lns][schedule]") {
    Gateway g;
    for (int i = 0; i < 36; ++i) {
        CHECK(g.ask(1s, 1s) == accepted);
        g.pass(1min);
    }
    CHECK(g.ask(1s, 1s) == duty_cycle);
    g.pass(23min);
    CHECK(g.ask(1s, 1s) == duty_cycle);
    g.pass(1min);
    CHECK(g.ask(1s, 1s) == accepted);
    CHECK(g.ask(3s, 1s) == duty_cycle);
    g.pass(2h);
    CHECK(g.fill(kBandM) == 36);
}

TEST_CASE("what a gateway refused to send counts as not sent", "[lns][schedule]") {
    Gateway g;
    for (int i = 0; i < 100; ++i) {
        CHECK(g.ask(1s, 1s) == accepted);
        g.schedule.release(g.id);
    }
    CHECK(g.fill(kBandM) == 36);
}

TEST_CASE("a band without a duty cycle is limited by time only", "[lns][schedule]") {
    Gateway g;
    g.schedule = GatewaySchedule(find_region("US915"));
    g.hears();
    for (int i = 0; i < 1000; ++i) {
        CHECK(g.ask(1s, 1s, 923'300'000) == accepted);
        g.pass(2s);
    }
}

TEST_CASE("a downlink for a connection that is over, or past its time, is not accepted",
          "[lns][schedule]") {
    Gateway g;
    CHECK(g.ask(-1us, 50ms) == too_late);
    CHECK(g.ask(1s, 50ms, kBandM, 1) == gone);
    g.hears(1);
    CHECK(g.ask(1s, 50ms, kBandM, 0) == gone);
    CHECK(g.ask(1s, 50ms, kBandM, 1) == accepted);
}

TEST_CASE("reservations hold over a wrap of the gateway's counter", "[lns][schedule]") {
    Gateway g;
    const auto until_wrap = Duration(0xffff'ffffu - g.counter());
    g.pass(until_wrap - 500ms);
    CHECK(g.ask(490ms, 100ms) == accepted);
    CHECK(g.counter(510ms) < g.counter());  // behind the wrap
    CHECK(g.ask(510ms, 100ms) == collision);
    CHECK(g.ask(1s, 100ms) == accepted);
    g.pass(800ms);
    CHECK(g.ask(200ms, 100ms) == collision);
    CHECK(g.ask(400ms, 100ms) == accepted);
}

TEST_CASE("a gateway whose counter begins anew has forgotten what it was to send",
          "[lns][schedule]") {
    Gateway g;
    CHECK(g.ask(5s, 1s) == accepted);
    g.schedule.observe(1'000, 0, g.now + 1s);
    CHECK(g.schedule.reservations() == 0);
}

TEST_CASE("reservations of one gateway are bounded", "[lns][schedule]") {
    Gateway g;
    int count = 0;
    while (g.ask(1s + count * 10ms, 1ms, kBandP) == accepted) ++count;
    CHECK(count == 128);
}
