#include "lns/activation/dev_addr_allocator.h"
#include "tests/lns/network.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

namespace {

// The join-accept that the network sends for the request; nothing where it refuses.
std::optional<GatewayDownlink> ask(Network& n, ByteView request, const Reception& r = {}) {
    n.uplink(request, r);
    auto down = n.take_downlinks();
    if (down.empty()) return std::nullopt;
    REQUIRE(down.size() == 1);
    n.ack(down[0]);
    return down[0];
}

}  // namespace

TEST_CASE("a join-request is answered in the first join window, five seconds after it",
          "[lns][join]") {
    Network n;
    auto device = n.with_otaa_device();
    const Instant heard = n.now;
    const auto accept = ask(n, device.join_request());
    REQUIRE(accept);
    CHECK(n.window_us(*accept, heard) == 5'000'000);
    CHECK(accept->frequency_hz == 868'100'000);
    CHECK(accept->modulation == Modulation(LoraModulation{125'000, 7}));
    REQUIRE(device.accept(accept->phy_payload));
    CHECK(slot_of(device.dev_addr) == slot_of(device.dev_eui));
    CHECK(n.config.net_id.owns(device.dev_addr));
    const auto joins = n.take(proto::Event::kJoin);
    REQUIRE(joins.size() == 1);
    CHECK(joins[0].join().dev_addr() == device.dev_addr.value());

    n.pass(10s);
    n.uplink(device.uplink({.data = {9}}));
    const auto ups = n.take(proto::Event::kUp);
    REQUIRE(ups.size() == 1);
    CHECK(ups[0].up().data() == std::string("\x09"));
}

TEST_CASE("the old session stays valid until the new one is heard", "[lns][join]") {
    Network n;
    auto device = n.with_otaa_device();
    REQUIRE(device.accept(ask(n, device.join_request())->phy_payload));
    n.pass(10s);
    n.uplink(device.uplink());
    n.pass(10s);
    auto again = device;
    const auto accept = ask(n, again.join_request());
    REQUIRE(accept);
    n.pass(10s);

    n.uplink(device.uplink());  // the accept was lost: the device goes on with the old session
    n.pass(10s);
    CHECK(n.take(proto::Event::kUp).size() == 2);

    REQUIRE(again.accept(accept->phy_payload));
    n.uplink(again.uplink());
    n.pass(10s);
    CHECK(n.take(proto::Event::kUp).size() == 1);
    n.uplink(device.uplink());
    CHECK(n.take(proto::Event::kUp).empty());
}

TEST_CASE("a DevNonce is accepted once, and the refusal names it", "[lns][join]") {
    Network n;
    auto device = n.with_otaa_device();
    device.dev_nonce = 4711;
    const Bytes request = device.join_request();
    REQUIRE(ask(n, request));
    n.pass(1min);
    CHECK_FALSE(ask(n, request));
    CHECK(n.server->stats().join_nonce_used == 1);
    const auto logs = n.take(proto::Event::kLog);
    REQUIRE(logs.size() == 1);
    CHECK(logs[0].log().code() == "OTAA");
    CHECK(logs[0].log().description().find("4711") != std::string::npos);

    SECTION("also after a restart") {
        n.restart();
        CHECK_FALSE(ask(n, request));
    }
    SECTION("until the owner lets the device begin anew") {
        REQUIRE(n.server->on_command(ForgetDevNonces{device.dev_eui}, n.now));
        n.pass(2s);
        CHECK(ask(n, request));
    }
}

TEST_CASE("from 1.0.4 on a smaller DevNonce is refused, before it is not", "[lns][join]") {
    const bool counts = GENERATE(false, true);
    Network n;
    auto device = n.with_otaa_device(counts ? proto::MAC_1_0_4 : proto::MAC_1_0_2);
    device.dev_nonce = 100;
    REQUIRE(ask(n, device.join_request()));
    n.pass(1min);
    device.dev_nonce = 50;
    CHECK(ask(n, device.join_request()).has_value() == !counts);
}

TEST_CASE("a join-request that is sent again is refused with a log event, however soon",
          "[lns][join]") {
    const auto wait = GENERATE(as<Duration>(), 1ms, 300ms, 3s, 10min);
    Network n;
    auto device = n.with_otaa_device();
    const Bytes request = device.join_request();
    const auto accept = ask(n, request);
    REQUIRE(accept);
    SECTION("before the session is used") {}
    SECTION("after it") {
        REQUIRE(device.accept(accept->phy_payload));
        n.uplink(device.uplink());
        n.take_downlinks();
    }
    n.pass(wait);
    CHECK_FALSE(ask(n, request));
    CHECK(n.server->stats().join_nonce_used == 1);
    const auto logs = n.take(proto::Event::kLog);
    REQUIRE(logs.size() == 1);
    CHECK(logs[0].log().code() == "OTAA");
    CHECK(n.take(proto::Event::kJoin).size() == 1);
}

TEST_CASE("a late copy of a join-request is no second request", "[lns][join]") {
    Network n;
    auto device = n.with_otaa_device();
    n.registry->create(Owner::gateway(2));
    const Bytes request = device.join_request();
    REQUIRE(ask(n, request, {.gateway = 1}));
    n.pass(500ms);
    CHECK_FALSE(ask(n, request, {.gateway = 2}));
    CHECK(n.server->stats().late_copies == 1);
    CHECK(n.take(proto::Event::kLog).empty());
}

TEST_CASE("a join-request that is not the device's is refused with its reason", "[lns][join]") {
    Network n;
    auto device = n.with_otaa_device();
    auto forger = device;
    forger.app_key = DeviceSide::key(99);
    CHECK_FALSE(ask(n, forger.join_request()));
    CHECK(n.server->stats().join_wrong_mic == 1);
    auto elsewhere = device;
    elsewhere.join_eui = Eui64::from_value(1);
    CHECK_FALSE(ask(n, elsewhere.join_request()));
    CHECK(n.server->stats().join_wrong_join_eui == 1);
    auto stranger = DeviceSide::otaa(8);
    CHECK_FALSE(ask(n, stranger.join_request()));
    CHECK(n.server->stats().join_unknown_device == 1);
    CHECK(ask(n, device.join_request()));  // no nonce was burnt
}

TEST_CASE("the lower half of a DevAddr is found for every slot", "[lns][join]") {
    for (std::uint32_t slot = 0; slot < 65536; slot += 257) {
        const auto upper = static_cast<std::uint16_t>(slot * 31);
        const auto lower = lower_half_for(static_cast<store::Slot>(slot), upper);
        CHECK(slot_of(DevAddr::from_value(std::uint32_t{upper} << 16 | lower)) == slot);
    }
}

TEST_CASE("a network without further channels sends no CFList", "[lns][join]") {
    const auto size_with = [](std::optional<std::vector<std::uint32_t>> extra) {
        Config config = Network::quiet();
        config.regions = {{.name = "EU868", .extra_frequencies_hz = std::move(extra)}};
        Network n(config);
        auto device = n.with_otaa_device();
        return ask(n, device.join_request()).value().phy_payload.size();
    };
    constexpr std::size_t kBare = 17;
    constexpr std::size_t kCfList = 16;
    CHECK(size_with(std::nullopt) == kBare + kCfList);
    CHECK(size_with({{867'100'000}}) == kBare + kCfList);
    CHECK(size_with(std::vector<std::uint32_t>{}) == kBare);
}
