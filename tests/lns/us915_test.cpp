// A whole network in a fixed plan: sub-bands, windows on the eight downlink channels, masks.
#include "lns/mac/link_adr.h"
#include "tests/lns/network.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

namespace {

constexpr LoraModulation kSf10{125'000, 10};
constexpr LoraModulation kSf8Wide{500'000, 8};
// Sub-band 2: channels 8..15, and 65 of 500 kHz.
constexpr std::uint32_t kChannel8 = 903'900'000;
constexpr std::uint32_t kChannel15 = 905'300'000;
constexpr std::uint32_t kChannel65 = 904'600'000;

ChannelSet sub_band_2() {
    ChannelSet on;
    for (std::size_t i = 8; i < 16; ++i) on.set(i);
    on.set(65);
    return on;
}

struct American {
    Network n;
    DeviceSide device = DeviceSide::otaa(7);

    explicit American(proto::MacVersion version) {
        auto profile = Owner::device_profile();
        profile.set_region("US915");
        profile.set_mac_version(version);
        n.registry->create(profile);
        auto gateway = Owner::gateway(1, "US915");
        gateway.add_sub_bands(2);
        n.registry->create(gateway);
        n.registry->create(Owner::otaa(7));
    }

    std::optional<GatewayDownlink> send(ByteView phy, std::uint32_t hz, LoraModulation modulation) {
        heard = n.now;
        n.uplink(phy, {.frequency_hz = hz, .modulation = modulation});
        const auto down = n.take_downlinks();
        REQUIRE(down.size() <= 1);
        if (down.empty()) return std::nullopt;
        n.ack(down[0]);
        const auto first = down[0];
        n.pass(10s);
        return first;
    }
    JoinAccept join(std::uint32_t hz = kChannel8, LoraModulation modulation = kSf10) {
        const auto accept = send(device.join_request(), hz, modulation);
        REQUIRE(accept);
        REQUIRE(device.accept(accept->phy_payload));
        return open_join_accept(accept->phy_payload, device.app_key)->accept;
    }
    Instant heard{};
};

}  // namespace

TEST_CASE("US915: RX1 is on the downlink channel of the uplink's, at its own data rates",
          "[lns][us915]") {
    struct Row {
        std::uint32_t uplink_hz;
        LoraModulation uplink;
        std::uint32_t rx1_hz;
        LoraModulation rx1;
    };
    const Row rows[] = {{kChannel8, kSf10, 923'300'000, {500'000, 10}},
                        {kChannel15, {125'000, 7}, 927'500'000, {500'000, 7}},
                        {kChannel65, kSf8Wide, 923'900'000, {500'000, 7}}};
    for (const Row& row : rows) {
        CAPTURE(row.uplink_hz);
        American a(proto::MAC_1_0_3);
        const auto accept = a.send(a.device.join_request(), row.uplink_hz, row.uplink);
        REQUIRE(accept);
        CHECK(a.n.window_us(*accept, a.heard) == 5'000'000);
        CHECK(accept->frequency_hz == row.rx1_hz);
        CHECK(accept->modulation == Modulation(row.rx1));
        REQUIRE(a.device.accept(accept->phy_payload));
        const auto down = a.send(a.device.uplink({.confirmed = true}), row.uplink_hz, row.uplink);
        REQUIRE(down);
        CHECK(down->frequency_hz == row.rx1_hz);
        CHECK(down->modulation == Modulation(row.rx1));
    }
}

TEST_CASE("US915: RX2 is on 923.3 MHz at DR8", "[lns][us915]") {
    American a(proto::MAC_1_0_3);
    const Instant heard = a.n.now;
    a.n.uplink(a.device.join_request(), {.frequency_hz = kChannel15, .modulation = kSf10});
    a.n.ack(a.n.take_downlinks().at(0), TxAckStatus::collision_packet);
    const auto second = a.n.take_downlinks();
    REQUIRE(second.size() == 1);
    CHECK(a.n.window_us(second[0], heard) == 6'000'000);
    CHECK(second[0].frequency_hz == 923'300'000);
    CHECK(second[0].modulation == Modulation(LoraModulation{500'000, 12}));
}

TEST_CASE("US915: an uplink beside the channels has no RX1, so it is answered in RX2",
          "[lns][us915]") {
    American a(proto::MAC_1_0_3);
    a.join();
    const auto down = a.send(a.device.uplink({.confirmed = true}), kChannel8 + 50'000, kSf10);
    REQUIRE(down);
    CHECK(a.n.window_us(*down, a.heard) == 2'000'000);
    CHECK(down->frequency_hz == 923'300'000);
}

TEST_CASE("US915: from 1.0.3 on the join-accept names the channels of the gateway's sub-band",
          "[lns][us915]") {
    American a(proto::MAC_1_0_3);
    const JoinAccept accept = a.join();
    REQUIRE(accept.cflist);
    const auto list = parse_cflist(*accept.cflist);
    REQUIRE(list);
    CHECK(std::get<CFListMasks>(*list) == CFListMasks{{0xff00, 0, 0, 0, 2}});
    // Nothing is left to ask for.
    CHECK_FALSE(a.send(a.device.uplink(), kChannel8, kSf10));
}

TEST_CASE("US915: before 1.0.3 the first uplink is answered with masks of the sub-band",
          "[lns][us915]") {
    const auto version = GENERATE(proto::MAC_1_0_0, proto::MAC_1_0_1, proto::MAC_1_0_2);
    American a(version);
    CHECK_FALSE(a.join().cflist);
    const auto down = a.send(a.device.uplink(), kChannel15, kSf10);
    REQUIRE(down);
    const auto received = a.device.receive(down->phy_payload);
    REQUIRE(received);

    // What the device makes of the requests.
    const Region& region = *find_region("US915");
    ChannelSet all;
    for (std::size_t i = 0; i < 72; ++i) all.set(i);
    ChannelSet on = all;
    Bytes answers;
    ByteView rest = received->commands;
    for (auto c = mac::next_command(Direction::down, rest); c;
         c = mac::next_command(Direction::down, rest)) {
        if (c->row->cid != mac::Cid::link_adr) continue;
        const auto req = mac::parse_link_adr_req(c->payload.first<4>());
        const auto after = apply_ch_mask(region, req.ch_mask_control, req.ch_mask, on, all);
        REQUIRE(after);
        on = *after;
        answers.insert(answers.end(), {0x03, 0x07});
    }
    CHECK(on == sub_band_2());
    CHECK_FALSE(a.send(a.device.uplink({.fopts = answers}), kChannel8, kSf10));
    CHECK_FALSE(a.send(a.device.uplink(), kChannel8, kSf10));
}

TEST_CASE("US915: a device that refuses the masks is not asked for them for ever", "[lns][us915]") {
    American a(proto::MAC_1_0_2);
    a.join();
    int asked = 0;
    Bytes answers;
    for (int i = 0; i < 12; ++i) {
        const auto down = a.send(a.device.uplink({.fopts = answers}), kChannel8, kSf10);
        answers.clear();
        if (!down) continue;
        ++asked;
        const auto received = a.device.receive(down->phy_payload);
        REQUIRE(received);
        ByteView rest = received->commands;
        while (const auto c = mac::next_command(Direction::down, rest)) {
            if (c->row->cid == mac::Cid::link_adr) answers.insert(answers.end(), {0x03, 0x06});
        }
    }
    CHECK(asked == 1);
}
