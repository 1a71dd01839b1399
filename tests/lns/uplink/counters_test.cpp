// Whose frame is it, and is its counter new?  Sessions that share an address, and the rules of
// counters by version.
#include "tests/lns/network.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

namespace {

constexpr std::uint32_t kAddr = 0x01020304;

// A network with one ABP device whose record and profile the test has changed.
struct Counting {
    Network n;
    DeviceSide device = DeviceSide::abp(7, kAddr);

    template <class Change>
    explicit Counting(Change change) {
        auto profile = Owner::device_profile();
        auto record = Owner::abp(7, kAddr);
        change(profile, record);
        device.wide_counters = profile.supports_32bit_fcnt();
        device.fcnt_up = record.abp().fcnt_start();
        n.registry->create(profile);
        n.registry->create(Owner::gateway(1));
        n.registry->create(record);
    }

    // The counter of the event that the next uplink becomes, if it becomes one.
    std::optional<std::uint32_t> hears_next() {
        n.uplink(device.uplink());
        n.pass(10s);
        const auto ups = n.take(proto::Event::kUp);
        REQUIRE(ups.size() <= 1);
        return ups.empty() ? std::nullopt : std::optional(ups[0].up().fcnt());
    }
    std::optional<std::uint32_t> hears(std::uint32_t fcnt) {
        device.fcnt_up = fcnt;
        return hears_next();
    }
    // Of the one log event that there is.
    std::string take_code() {
        const auto logs = n.take(proto::Event::kLog);
        REQUIRE(logs.size() == 1);
        return logs[0].log().code();
    }
    const Stats& stats() const { return n.server->stats(); }
};

}  // namespace

TEST_CASE("of several sessions on one DevAddr, the one whose key makes the MIC has sent the frame",
          "[lns][uplink]") {
    Network n;
    n.registry->create(Owner::device_profile());
    n.registry->create(Owner::gateway(1));
    std::vector<DeviceSide> devices;
    for (std::uint64_t eui = 1; eui <= 60; ++eui) {
        n.registry->create(Owner::abp(eui, kAddr));
        devices.push_back(DeviceSide::abp(eui, kAddr));
    }
    for (int round = 0; round < 3; ++round) {
        for (auto& device : devices) {
            n.uplink(device.uplink({.data = {static_cast<std::uint8_t>(device.dev_eui.value())}}));
            const auto ups = n.take(proto::Event::kUp);
            REQUIRE(ups.size() == 1);
            CHECK(ups[0].dev_eui() == device.dev_eui.value());
            CHECK(ups[0].up().data()[0] == static_cast<char>(device.dev_eui.value()));
            n.pass(10s);
        }
    }
    auto stranger = DeviceSide::abp(99, kAddr);
    n.uplink(stranger.uplink());
    CHECK(n.take(proto::Event::kUp).empty());
    CHECK(n.server->stats().wrong_mic + n.server->stats().mic_attempts_exhausted == 1);
}

TEST_CASE("the work for one frame is bounded, however many sessions share its DevAddr",
          "[lns][uplink]") {
    Network n;
    n.registry->create(Owner::device_profile());
    n.registry->create(Owner::gateway(1));
    for (std::uint64_t eui = 1; eui <= 300; ++eui) n.registry->create(Owner::abp(eui, kAddr));
    auto stranger = DeviceSide::abp(999, kAddr);
    n.uplink(stranger.uplink());
    CHECK(n.server->stats().mic_attempts_exhausted == 1);
}

TEST_CASE("a counter goes on over 16 bits, as the MIC shows", "[lns][uplink]") {
    Counting c([](auto&, auto& device) { device.mutable_abp()->set_fcnt_start(0xfffe); });
    CHECK(c.hears_next() == 0xfffe);
    CHECK(c.hears_next() == 0xffff);
    CHECK(c.hears_next() == 0x10000);
    CHECK(c.hears_next() == 0x10001);
    CHECK_FALSE(c.hears(0xffff));
    CHECK(c.stats().replayed == 1);
}

TEST_CASE("a device with 16-bit counters signs with 16 bits after they have rolled over",
          "[lns][uplink]") {
    Counting c([](auto& profile, auto& device) {
        profile.set_supports_32bit_fcnt(false);
        device.mutable_abp()->set_fcnt_start(0xffff);
    });
    CHECK(c.hears_next() == 0xffff);
    CHECK(c.hears_next() == 0x10000);
    c.n.take_downlinks();
    c.n.uplink(c.device.uplink({.confirmed = true}));
    const auto down = c.n.take_downlinks();
    REQUIRE(down.size() == 1);
    CHECK(c.device.receive(down[0].phy_payload));
}

TEST_CASE("no counter is accepted after the last of 32 bits", "[lns][uplink]") {
    Counting c([](auto&, auto& device) { device.mutable_abp()->set_fcnt_start(0xffff'fffe); });
    CHECK(c.hears_next() == 0xffff'fffe);
    CHECK_FALSE(c.hears(0xffff'ffff));
    CHECK(c.stats().counter_exhausted == 1);
    CHECK(c.take_code() == "UPLINK_F_CNT_RESET");
    CHECK_FALSE(c.hears(0));
}

TEST_CASE("no downlink counter is used after the last of 32 bits, and the owner is told",
          "[lns][downlink]") {
    Counting c([](auto&, auto&) {});
    CHECK(c.hears_next() == 0);
    c.n.take_downlinks();
    const auto addr = DevAddr::from_value(kAddr);
    auto state = *find_frame_state(*c.n.store, addr, c.device.dev_eui);
    state.fcnt_down_next = 0xffff'fffe;
    auto tx = c.n.store->begin(slot_of(addr));
    put_frame_state(tx, addr, c.device.dev_eui, state);
    tx.commit();
    c.n.turn();

    c.device.last_fcnt_down = 0xffff'fffd;
    c.n.uplink(c.device.uplink({.confirmed = true}));
    const auto last = c.n.take_downlinks();
    REQUIRE(last.size() == 1);
    CHECK(c.device.receive(last[0].phy_payload)->fcnt == 0xffff'fffe);
    c.n.ack(last[0]);
    c.n.pass(10s);
    c.n.uplink(c.device.uplink({.confirmed = true}));
    CHECK(c.n.take_downlinks().empty());
    CHECK(c.take_code() == "F_CNT_DOWN");
    CHECK(c.n.take(proto::Event::kUp).size() == 2);
}

TEST_CASE("a counter more than MAX_FCNT_GAP ahead is refused before 1.0.4 and accepted from it on",
          "[lns][uplink]") {
    const auto version = GENERATE(proto::MAC_1_0_0, proto::MAC_1_0_3, proto::MAC_1_0_4);
    Counting c([&](auto& profile, auto&) { profile.set_mac_version(version); });
    CHECK(c.hears(5) == 5);
    CHECK(c.hears(5 + 16'384) == 5 + 16'384);
    const std::uint32_t far = 5 + 16'384 + 1 + 16'384;
    if (version == proto::MAC_1_0_4) {
        CHECK(c.hears(far) == far);
        return;
    }
    CHECK_FALSE(c.hears(far));
    CHECK(c.stats().counter_gap == 1);
    CHECK(c.take_code() == "UPLINK_F_CNT_RESET");
    CHECK(c.hears(far - 1) == far - 1);
}

TEST_CASE("an ABP device may begin its counters again where its record allows it, and not else",
          "[lns][uplink]") {
    const bool allowed = GENERATE(true, false);
    Counting c([&](auto&, auto& device) { device.mutable_abp()->set_allow_fcnt_reset(allowed); });
    CHECK(c.hears(1000) == 1000);
    CHECK(c.hears(0).has_value() == allowed);
    CHECK(c.stats().counter_reset == (allowed ? 1 : 0));
    if (allowed) {
        CHECK(c.hears(1) == 1);
    } else {
        CHECK(c.take_code() == "UPLINK_F_CNT_RETRANSMISSION");
        CHECK(c.hears(1001) == 1001);
    }
}

TEST_CASE("the last frame sent again long after it is no repeat of the device", "[lns][uplink]") {
    Counting c([](auto&, auto&) {});
    const Bytes phy = c.device.uplink({.confirmed = true});
    c.n.uplink(phy);
    for (const auto& down : c.n.take_downlinks()) c.n.ack(down);
    c.n.pass(10min);
    c.n.uplink(phy);
    CHECK(c.n.take_downlinks().empty());
    CHECK(c.stats().replayed == 1);
    CHECK(c.take_code() == "UPLINK_F_CNT_RETRANSMISSION");
}
