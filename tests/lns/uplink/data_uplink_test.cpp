#include "tests/lns/network.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

TEST_CASE("an uplink of an ABP device becomes an event with its decrypted payload",
          "[lns][uplink]") {
    Network n;
    auto device = n.with_abp_device();
    n.uplink(device.uplink({.fport = 5, .data = {1, 2, 3}}), {.snr_db = 7.5, .rssi_dbm = -77});
    const auto ups = n.take(proto::Event::kUp);
    REQUIRE(ups.size() == 1);
    CHECK(ups[0].dev_eui() == 7);
    CHECK(ups[0].up().data() == std::string("\1\2\3"));
    CHECK(ups[0].up().fport() == 5);
    CHECK(ups[0].up().fcnt() == 0);
    CHECK(ups[0].up().data_rate() == 5);
    CHECK(ups[0].up().region() == "EU868");
    REQUIRE(ups[0].up().receptions_size() == 1);
    CHECK(ups[0].up().receptions(0).snr_db() == 7.5f);
    CHECK(ups[0].up().receptions(0).rssi_dbm() == -77);
    CHECK(n.server->stats().accepted == 1);
}

TEST_CASE("copies of several gateways become one event, the best first", "[lns][uplink]") {
    Network n;
    auto device = n.with_abp_device();
    n.registry->create(Owner::gateway(2));
    n.registry->create(Owner::gateway(3));
    const Bytes phy = device.uplink();
    n.hears(phy, {.gateway = 1, .snr_db = -3});
    n.pass(50ms);
    n.hears(phy, {.gateway = 2, .snr_db = 8});
    CHECK(n.take(proto::Event::kUp).empty());
    n.pass(150ms);
    const auto ups = n.take(proto::Event::kUp);
    REQUIRE(ups.size() == 1);
    REQUIRE(ups[0].up().receptions_size() == 2);
    CHECK(ups[0].up().receptions(0).gateway_eui() == 2);
    CHECK(n.server->stats().copies == 1);
    n.hears(phy, {.gateway = 3});
    n.pass(1s);
    CHECK(n.take(proto::Event::kUp).empty());
    CHECK(n.server->stats().late_copies == 1);
}

TEST_CASE("a frame whose MIC no session makes is refused", "[lns][uplink]") {
    Network n;
    auto device = n.with_abp_device();
    auto phy = device.uplink();
    phy.back() ^= 1;
    n.uplink(phy);
    CHECK(n.take(proto::Event::kUp).empty());
    CHECK(n.server->stats().wrong_mic == 1);

    auto stranger = DeviceSide::abp(8, 0x05060708);
    n.uplink(stranger.uplink());
    CHECK(n.server->stats().no_session == 1);
}

TEST_CASE("a counter that was used is refused, and the device's owner is told", "[lns][uplink]") {
    Network n;
    auto device = n.with_abp_device();
    const Bytes first = device.uplink();
    n.uplink(first);
    n.uplink(device.uplink());
    n.events.clear();
    n.pass(10s);
    n.uplink(first);
    CHECK(n.take(proto::Event::kUp).empty());
    CHECK(n.server->stats().replayed == 1);
    const auto logs = n.take(proto::Event::kLog);
    REQUIRE(logs.size() == 1);
    CHECK(logs[0].log().code() == "UPLINK_F_CNT_RETRANSMISSION");
}

TEST_CASE("a confirmed uplink is acknowledged in RX1, and again when it is repeated",
          "[lns][uplink]") {
    Network n;
    auto device = n.with_abp_device();
    const Bytes phy = device.uplink({.confirmed = true});
    for (int i = 0; i < 3; ++i) {
        const Instant heard = n.now;
        n.uplink(phy);
        const auto down = n.take_downlinks();
        REQUIRE(down.size() == 1);
        CHECK(n.window_us(down[0], heard) == 1'000'000);
        CHECK(down[0].frequency_hz == 868'100'000);
        const auto received = device.receive(down[0].phy_payload);
        REQUIRE(received);
        CHECK(received->ack);
        CHECK(received->fcnt == static_cast<std::uint32_t>(i));
        n.ack(down[0]);
        n.pass(5s);
    }
    CHECK(n.take(proto::Event::kUp).size() == 1);
    CHECK(n.server->stats().repeated == 2);
}

TEST_CASE("an unconfirmed uplink that NbTrans repeats is delivered once", "[lns][uplink]") {
    Network n;
    auto device = n.with_abp_device();
    n.uplink(device.uplink());  // settles the MAC layer's first questions
    n.pass(10s);
    n.take_downlinks();
    n.events.clear();
    const Bytes phy = device.uplink();
    for (int i = 0; i < 3; ++i) {
        n.uplink(phy, {.frequency_hz = 868'100'000u + 200'000u * static_cast<unsigned>(i)});
        n.pass(3s);
    }
    CHECK(n.take(proto::Event::kUp).size() == 1);
    CHECK(n.server->stats().repeated == 2);
}

TEST_CASE("frames of gateways that are not registered are counted and go no further",
          "[lns][uplink]") {
    Network n;
    auto device = n.with_abp_device();
    n.uplink(device.uplink(), {.gateway = 99});
    CHECK(n.take(proto::Event::kUp).empty());
    CHECK(n.server->stats().unknown_gateway == 1);
    n.registry->erase_gateway(id_of(1));
    n.uplink(device.uplink(), {.gateway = 1});
    CHECK(n.server->stats().unknown_gateway == 2);
}

TEST_CASE("what no device sends is refused before anything is looked up", "[lns][uplink]") {
    Network n;
    n.with_abp_device();
    n.uplink(Bytes{});
    n.uplink(Bytes{0x40, 1, 2});
    n.uplink(Bytes(40, 0x60));  // a downlink that a gateway overheard
    n.uplink(Bytes(40, 0x41));  // another major version
    CHECK(n.server->stats().malformed == 4);
    n.uplink(Bytes(19, 0xc0));
    n.uplink(Bytes(19, 0xe0));
    CHECK(n.server->stats().unsupported_type == 2);
    CHECK(n.server->stats().frames == 0);
}
