#include "lns/uplink/deduplicator.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace std::chrono_literals;

namespace {

constexpr Instant kStart = from_unix_us(1'800'000'000'000'000);
const Bytes kFrame = {0x40, 4, 3, 2, 1, 0, 7, 0, 1, 2, 3, 4, 5};
using enum Deduplicator::Added;

struct Air {
    DeduplicatorLimits limits;
    Deduplicator dedup;
    Instant now = kStart;
    std::vector<Copy> handled;  // the copies of what was taken last

    explicit Air(DeduplicatorLimits l = {.close_early = false}) : limits(l), dedup(l, 1) {}

    // A gateway reports the frame; its counter shows when it heard it.
    Deduplicator::Added hears(std::uint64_t gateway,
                              std::optional<Instant> heard,
                              const Bytes& frame = kFrame) {
        GatewayUplink up{.path = {Eui64::from_value(gateway), 0}, .phy_payload = frame};
        if (heard) up.counter_us = static_cast<std::uint32_t>(to_unix_us(*heard) + 77 * gateway);
        return dedup.add(up, now);
    }
    Deduplicator::Added hears(std::uint64_t gateway) { return hears(gateway, now); }

    // Lets time pass; how many frames were handled at the end of it.
    int pass(Duration time) {
        now += time;
        int count = 0;
        for (auto taken = dedup.take(now); taken.set != nullptr; taken = dedup.take(now)) {
            ++count;
            handled.clear();
            for (const Copy& c : taken.set->copies) handled.push_back({.path = c.path});
        }
        return count;
    }
};

}  // namespace

TEST_CASE("copies within the window are one frame", "[lns][dedup]") {
    Air air;
    CHECK(air.hears(1) == opened);
    CHECK(air.pass(199ms) == 0);
    CHECK(air.hears(2) == merged);
    CHECK(air.pass(1ms) == 1);
    CHECK(air.handled.size() == 2);
}

TEST_CASE("a copy that comes after its frame was handled opens no other", "[lns][dedup]") {
    Air air;
    const Instant heard = air.now;
    air.hears(1);
    CHECK(air.pass(200ms) == 1);
    CHECK(air.hears(2, heard) == late);
    CHECK(air.hears(1, heard) == late);         // a datagram that the network doubled
    CHECK(air.hears(1, heard + 20ms) == late);  // another demodulator of the same gateway
    CHECK(air.hears(1, std::nullopt) == late);
    CHECK(air.pass(1s) == 0);
}

TEST_CASE("the same bytes at another time are another transmission", "[lns][dedup]") {
    Air air;
    air.hears(1);
    air.hears(2);
    CHECK(air.pass(200ms) == 1);
    air.pass(50ms);
    CHECK(air.hears(2) == opened);
    CHECK(air.hears(1) == merged);
    CHECK(air.pass(200ms) == 1);
    CHECK(air.handled.size() == 2);
    CHECK(air.hears(1) == opened);  // and so on, for every repetition
    CHECK(air.pass(200ms) == 1);
}

TEST_CASE("the counter of a gateway may wrap between two transmissions", "[lns][dedup]") {
    Air air;
    const Instant before = from_unix_us((std::int64_t{1} << 32) - 100'000);
    air.hears(1, before);
    CHECK(air.pass(200ms) == 1);
    CHECK(air.hears(1, before + 10ms) == late);
    CHECK(air.hears(1, before + 250ms) == opened);
}

TEST_CASE("after the cooldown a frame is forgotten", "[lns][dedup]") {
    Air air;
    for (int i = 0; i < 3; ++i) {
        CHECK(air.hears(1, kStart) == opened);
        CHECK(air.pass(200ms) == 1);
        CHECK(air.hears(1) == opened);  // takes the place of what was remembered
        CHECK(air.pass(200ms) == 1);
        air.pass(air.limits.cooldown);
    }
}

TEST_CASE("as many frames are open, and as many remembered, as the limits say", "[lns][dedup]") {
    Air air({.close_early = false, .max_open = 3, .max_remembered = 2, .max_copies = 2});
    const auto frame = [](std::uint8_t n) { return Bytes{0x40, n, 3, 2, 1, 0, 7, 0, 1, 2, 3, 4}; };
    const Instant heard = air.now;
    for (std::uint8_t n = 0; n < 3; ++n) CHECK(air.hears(1, heard, frame(n)) == opened);
    CHECK(air.hears(1, heard, frame(3)) == shed);
    CHECK(air.hears(2, heard, frame(0)) == merged);
    CHECK(air.hears(3, heard, frame(0)) == excess);
    CHECK(air.pass(200ms) == 3);
    CHECK(air.hears(1, heard, frame(2)) == late);
    CHECK(air.hears(1, heard, frame(1)) == late);
    CHECK(air.hears(1, heard, frame(0)) == opened);  // the oldest of three was forgotten
}

TEST_CASE("a frame closes early when all gateways that usually hear the device have reported",
          "[lns][dedup]") {
    Air air({.close_early = true});
    const auto frame = [](std::uint8_t n) { return Bytes{0x40, 4, 3, 2, 1, 0, n, 0, 1, 2, 3, 4}; };
    for (std::uint8_t n = 0; n < 3; ++n) {
        air.hears(1, air.now, frame(n));
        air.hears(2, air.now, frame(n));
        CHECK(air.pass(0ms) == 0);
        CHECK(air.pass(200ms) == 1);
        air.pass(5s);
    }
    air.hears(1, air.now, frame(9));
    CHECK(air.pass(0ms) == 0);
    air.hears(2, air.now, frame(9));
    CHECK(air.pass(0ms) == 1);
    CHECK(air.handled.size() == 2);
}
