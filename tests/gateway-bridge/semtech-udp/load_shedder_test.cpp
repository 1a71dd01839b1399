#include "gateway-bridge/semtech-udp/load_shedder.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::gateway_bridge::semtech_udp;
using namespace std::chrono_literals;

namespace {

// A server that handles `capacity` PUSH_DATA and reads ten times as many datagrams a second, in
// turns of 5 ms, behind a kernel queue of 8,000.
struct Overloaded {
    static constexpr double kTurn = 0.005;
    static constexpr double kCapacity = 40'000;
    static constexpr double kQueue = 8'000;

    LoadShedder shedder;
    Instant now = from_unix_us(1'000'000);
    double queued = 0;
    double dropped_by_kernel = 0;
    double admitted = 0;

    void run(double arrivals_per_second, Duration duration) {
        for (const Instant end = now + duration; now < end; now += 5ms) {
            queued += arrivals_per_second * kTurn;
            if (queued > kQueue) dropped_by_kernel += queued - kQueue, queued = kQueue;
            double work = 1;  // of the turn
            for (; queued >= 1 && work > 0; --queued) {
                const bool admit = shedder.admit();
                admitted += admit;
                work -= admit ? 1 / (kCapacity * kTurn) : 0.1 / (kCapacity * kTurn);
            }
            shedder.on_turn_end(queued >= 1, now);
        }
    }
};

}  // namespace

TEST_CASE("a load that can be handled is handled whole", "[overload]") {
    Overloaded server;
    server.run(35'000, 5s);
    CHECK(server.admitted == Approx(35'000 * 5).margin(1));
    CHECK(server.shedder.share() == 1);
}

TEST_CASE("a burst shorter than a tenth of a second is handled whole", "[overload]") {
    Overloaded server;
    server.queued = 3'000;
    server.run(5'000, 1s);
    CHECK(server.admitted == Approx(8'000).margin(1));
}

TEST_CASE("of a load five times too great most of the capacity is used and the queue stays short",
          "[overload]") {
    Overloaded server;
    server.run(200'000, 2s);
    server.admitted = server.dropped_by_kernel = 0;
    double worst_queue = 0;
    for (int i = 0; i < 100; ++i) {
        server.run(200'000, 100ms);
        worst_queue = std::max(worst_queue, server.queued);
    }
    CHECK(server.admitted / 10 > 0.4 * Overloaded::kCapacity);
    CHECK(server.dropped_by_kernel == 0);
    CHECK(worst_queue < Overloaded::kQueue);
}

TEST_CASE("a second after an overload everything is admitted again", "[overload]") {
    Overloaded server;
    server.run(350'000, 20s);
    CHECK(server.shedder.share() < 1);
    server.run(10'000, 1s);
    CHECK(server.shedder.share() == 1);
    CHECK(server.queued < 100);
}

TEST_CASE("a quiet second after an overload admits everything too, though no turns pass in it",
          "[overload]") {
    LoadShedder shedder;
    Instant now = from_unix_us(1'800'000'000'000'000);
    for (int i = 0; i < 1'000; ++i) shedder.on_turn_end(true, now += 20ms);
    REQUIRE(shedder.share() < 0.1);
    shedder.on_turn_end(false, now += 1s);
    CHECK(shedder.share() == 1);
}
