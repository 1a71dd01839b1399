#include "lns/uplink/usual_gateways.h"

#include "tests/support/catch.h"

#include <random>

using namespace helio;
using namespace helio::lns;

namespace {

const std::vector<std::uint16_t> kOne = {7};

// The share of the devices that a gateway has heard three times and that are known by it.
double known_share(std::size_t max_devices, std::size_t devices) {
    UsualGateways usual(max_devices);
    for (int frame = 0; frame < 3; ++frame) {
        std::mt19937_64 names(1);
        for (std::size_t i = 0; i < devices; ++i) usual.learn(names(), kOne);
    }
    std::mt19937_64 names(1);
    std::size_t known = 0;
    for (std::size_t i = 0; i < devices; ++i) known += usual.all_reported(names(), kOne);
    return static_cast<double>(known) / static_cast<double>(devices);
}

}  // namespace

TEST_CASE("a device is known after three frames, and only with its gateways", "[usual_gateways]") {
    UsualGateways usual(100);
    const std::uint64_t device = 0x1234'5678'9abc'def0u;
    usual.learn(device, {1, 2});
    usual.learn(device, {1, 2});
    CHECK_FALSE(usual.all_reported(device, {1, 2}));
    usual.learn(device, {1, 2});
    CHECK(usual.all_reported(device, {1, 2}));
    CHECK(usual.all_reported(device, {3, 2, 1}));
    CHECK_FALSE(usual.all_reported(device, {1}));
    usual.learn_late(device, 9);
    CHECK_FALSE(usual.all_reported(device, {1, 2}));
    CHECK_FALSE(usual.all_reported(device ^ 1ull << 40, {1, 2, 9}));
}

TEST_CASE("up to the bound nearly every device is known, however many there are",
          "[usual_gateways]") {
    CHECK(known_share(100'000, 3) == 1.0);
    CHECK(known_share(100'000, 5'000) > 0.999);
    CHECK(known_share(100'000, 100'000) > 0.995);
}

TEST_CASE("beyond the bound devices push each other out, and memory stays", "[usual_gateways]") {
    CHECK(known_share(1'000, 20'000) < 0.2);
}
