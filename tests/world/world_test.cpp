#include "tests/support/catch.h"
#include "tests/world/world_steps.h"

#include <cstdlib>

using namespace helio::lns;
using namespace helio::lns::world;

namespace {

// HELIO_WORLD=10 lives ten times as long, with ten times as many seeds.
std::uint64_t scale() {
    const char* text = std::getenv("HELIO_WORLD");
    return text ? std::max(1ull, std::strtoull(text, nullptr, 10)) : 1;
}

void check_promises(const World& w) {
    CHECK(w.broken.counter_reused == 0);
    CHECK(w.broken.nonce_reused == 0);
    CHECK(w.broken.undelivered == 0);
    CHECK(w.broken.delivered_twice == 0);
    CHECK(w.broken.out_of_window == 0);
    CHECK(w.broken.gateway_overlap == 0);
}

void describe(const World& w) {
    UNSCOPED_INFO("sent " << w.payloads_sent << " heard " << w.payloads_heard << " delivered "
                          << w.payloads_delivered << " emitted " << w.emitted
                          << " heard by devices " << w.heard_by_device << " joins " << w.joins
                          << " crashes " << w.crashes << " late " << w.late_downlinks
                          << " best rate " << w.share_at_best_rate());
}

}  // namespace

TEST_CASE("in a world of losses, every payload that a gateway heard is delivered once", "[world]") {
    for (std::uint64_t seed = 1; seed <= 2 * scale(); ++seed) {
        World w({.seed = seed, .devices = 600, .time = 2h * scale()});
        w.run();
        INFO("seed " << seed);
        describe(w);
        check_promises(w);
        CHECK(w.payloads_heard > 10'000);
        CHECK(w.joins >= 600);
        CHECK(w.heard_by_device > 600);
        CHECK(w.share_at_best_rate() > 0.9);
    }
}

TEST_CASE("thousands of devices and gateways live two hours of network time", "[world]") {
    World w({.seed = 5, .devices = 3000, .gateways = 1000, .time = 2h * scale(), .period = 10min});
    w.run();
    describe(w);
    check_promises(w);
    CHECK(w.joins >= 3000);
    CHECK(w.payloads_heard > 30'000);
    CHECK(w.heard_by_device > 3'000);
    CHECK(w.share_at_best_rate() > 0.8);
}

TEST_CASE("a process that ends between any two commits uses no counter and no nonce twice",
          "[world]") {
    for (std::uint64_t seed = 11; seed <= 10 + 2 * scale(); ++seed) {
        World w({.seed = seed,
                 .devices = 400,
                 .time = 1h * scale(),
                 .period = 2min,
                 .crash_every = 20s});
        w.run();
        INFO("seed " << seed);
        describe(w);
        check_promises(w);
        CHECK(w.crashes > 100);
        CHECK(w.payloads_delivered > 5'000);
    }
}

TEST_CASE("devices that are told another receive delay are answered in the new windows",
          "[world]") {
    World w({.seed = 21,
             .devices = 200,
             .period = 2min,
             .version = helio::lns::proto::MAC_1_0_4,
             .rx_delay_s = 5});
    w.run();
    describe(w);
    check_promises(w);
    CHECK(w.share_at_best_rate() > 0.9);
}
