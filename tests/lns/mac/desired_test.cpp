#include "lns/mac/desired.h"

#include "lns/proto/device.pb.h"
#include "lns/proto/session.pb.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::mac;

namespace {

const Region& eu868() { return *find_region("EU868"); }
const Region& us915() { return *find_region("US915"); }

proto::DeviceProfile profile_of(proto::MacVersion version) {
    proto::DeviceProfile profile;
    profile.set_mac_version(version);
    return profile;
}

}  // namespace

TEST_CASE(
    "the join-accept's channel list and windows are what the device uses, so nothing is left "
    "to ask",
    "[lns][mac]") {
    for (const Region* region : all_regions()) {
        CAPTURE(region->name);
        NetworkSettings settings = default_settings(*region);
        settings.rx_delay_1_s = 5;
        settings.rx1_dr_offset = 1;
        settings.sub_bands = region->sub_bands.empty() ? 0 : 0x02;
        const auto profile = profile_of(proto::MAC_1_0_4);
        const JoinSettings join = join_settings(*region, settings, profile);
        REQUIRE(join.cflist);
        const Parameters after = parameters_after_join(*region, join, 2);
        CHECK(after.data_rate == 2);
        CHECK(after.rx_delay_1_s == 5);
        CHECK(after == desired_parameters(*region, settings, profile, after, {}));
    }
}

TEST_CASE("EU868's usual channels travel as five frequencies", "[lns][mac]") {
    const auto join =
        join_settings(eu868(), default_settings(eu868()), profile_of(proto::MAC_1_0_0));
    REQUIRE(join.cflist);
    CHECK(std::get<CFListFrequencies>(*join.cflist).hz ==
          std::array<std::uint32_t, 5>{
              867'100'000, 867'300'000, 867'500'000, 867'700'000, 867'900'000});
}

TEST_CASE("US915's sub-band travels as masks, to devices that know them", "[lns][mac]") {
    NetworkSettings settings = default_settings(us915());
    settings.sub_bands = 0x02;
    const auto join = join_settings(us915(), settings, profile_of(proto::MAC_1_0_3));
    REQUIRE(join.cflist);
    CHECK(std::get<CFListMasks>(*join.cflist).masks ==
          std::array<std::uint16_t, 7>{0xff00, 0, 0, 0, 0x0002, 0, 0});

    const auto older = join_settings(us915(), settings, profile_of(proto::MAC_1_0_2));
    CHECK_FALSE(older.cflist);
    CHECK(parameters_after_join(us915(), older, 0).enabled.count() == 72);
}

TEST_CASE("a channel with data rates of its own cannot travel in a channel list", "[lns][mac]") {
    NetworkSettings settings;
    settings.extra_channels = {{867'100'000, 0, 5}, {868'800'000, 7, 7}, {867'500'000, 0, 5}};
    const auto join = join_settings(eu868(), settings, profile_of(proto::MAC_1_0_4));
    REQUIRE(join.cflist);
    CHECK(std::get<CFListFrequencies>(*join.cflist).hz ==
          std::array<std::uint32_t, 5>{867'100'000, 0, 867'500'000, 0, 0});
    const Parameters after = parameters_after_join(eu868(), join, 0);
    CHECK(after.enabled == ChannelSet(0b10'1111));
}

TEST_CASE("a profile's windows come before the network's, and a region's before nonsense",
          "[lns][mac]") {
    NetworkSettings settings;
    settings.rx2_data_rate = 3;
    auto profile = profile_of(proto::MAC_1_0_4);
    CHECK(desired_parameters(eu868(), settings, profile, {}, {}).rx2_data_rate == 3);
    profile.set_rx2_data_rate(1);
    profile.set_rx_delay_1_s(3);
    profile.set_rx1_dr_offset(2);
    profile.set_rx2_frequency_hz(868'100'000);
    const Parameters p = desired_parameters(eu868(), settings, profile, {}, {});
    CHECK(p.rx2_data_rate == 1);
    CHECK(p.rx_delay_1_s == 3);
    CHECK(p.rx1_dr_offset == 2);
    CHECK(p.rx2_frequency_hz == 868'100'000);

    profile.set_rx2_data_rate(9);               // LR-FHSS: not a downlink
    profile.set_rx2_frequency_hz(923'300'000);  // not in this band
    profile.set_rx1_dr_offset(6);               // not in this table
    const Parameters q = desired_parameters(eu868(), settings, profile, {}, {});
    CHECK(q.rx2_data_rate == 0);
    CHECK(q.rx2_frequency_hz == 869'525'000);
    CHECK(q.rx1_dr_offset == 0);
}

TEST_CASE("a limit on duty cycle in percent becomes the power of two below it", "[lns][mac]") {
    struct Row {
        unsigned percent;
        unsigned exponent;
    };
    const auto row = GENERATE(values<Row>({
        {0, 0},
        {100, 0},
        {99, 1},
        {50, 1},
        {10, 4},
        {1, 7},
        {255, 0},
    }));
    CAPTURE(row.percent);
    auto profile = profile_of(proto::MAC_1_0_4);
    profile.set_max_duty_cycle(row.percent);
    CHECK(desired_parameters(eu868(), {}, profile, {}, {}).max_duty_cycle == row.exponent);
}

TEST_CASE("a channel that no device could have is not wanted, and the others keep their indices",
          "[lns][mac]") {
    NetworkSettings settings;
    settings.extra_channels = {{867'100'000, 0, 5},
                               {915'000'000, 0, 5},   // not in this band
                               {867'300'050, 0, 5},   // between two steps
                               {868'100'000, 0, 5},   // the region's own
                               {867'500'000, 5, 0},   // no range
                               {867'700'000, 0, 15},  // no such data rate
                               {867'900'000, 0, 5}};
    const Parameters p =
        desired_parameters(eu868(), settings, profile_of(proto::MAC_1_0_4), {}, {});
    CHECK(p.enabled == ChannelSet(0b10'0000'1111));
    CHECK(p.channels[9].uplink_hz == 867'900'000);
    CHECK(p.channels[4] == DeviceChannel{});
}

TEST_CASE("ADR's choice is wanted, and without one the link stays as it is", "[lns][mac]") {
    Parameters current = region_defaults(eu868());
    current.data_rate = 4;
    current.tx_power_index = 2;
    current.nb_trans = 3;
    const auto profile = profile_of(proto::MAC_1_0_4);
    const Parameters kept = desired_parameters(eu868(), {}, profile, current, {});
    CHECK((kept.data_rate == 4 && kept.tx_power_index == 2 && kept.nb_trans == 3));
    const Parameters led = desired_parameters(eu868(), {}, profile, current, LinkSettings{5, 1, 2});
    CHECK((led.data_rate == 5 && led.tx_power_index == 1 && led.nb_trans == 2));
}

TEST_CASE("a personalised device uses what its maker set", "[lns][mac]") {
    auto profile = profile_of(proto::MAC_1_0_2);
    profile.set_rx_delay_1_s(1);
    profile.set_rx2_data_rate(3);
    for (const std::uint32_t hz : {868'100'000u, 868'500'000u, 867'100'000u})
        profile.add_factory_preset_frequencies_hz(hz);
    const Parameters p = personalised_parameters(eu868(), profile);
    CHECK(p.rx2_data_rate == 3);
    CHECK(p.channels[3].uplink_hz == 867'100'000);
    CHECK(p.enabled == ChannelSet(0b1101));

    profile.clear_factory_preset_frequencies_hz();
    CHECK(personalised_parameters(us915(), profile).enabled.count() == 72);
}

TEST_CASE("parameters are stored and come back the same", "[lns][mac]") {
    NetworkSettings settings = default_settings(eu868());
    Parameters p = desired_parameters(
        eu868(), settings, profile_of(proto::MAC_1_0_4), {}, LinkSettings{5, 3, 2});
    p.channels[0].downlink_hz = 869'525'000;
    p.max_duty_cycle = 4;
    p.uplink_dwell_time = true;
    proto::MacParameters stored;
    to_proto(p, stored);
    CHECK(from_proto(stored) == p);
    // Channels that go are gone from the store too.
    p.channels[7] = {};
    to_proto(p, stored);
    CHECK(from_proto(stored) == p);
}

TEST_CASE("a data rate is usable where a channel that is on carries it", "[lns][mac]") {
    Parameters p = region_defaults(us915());
    CHECK(data_rate_is_usable(us915(), p, 0));
    CHECK(data_rate_is_usable(us915(), p, 4));
    p.enabled = ChannelSet{}.set(65);
    CHECK_FALSE(data_rate_is_usable(us915(), p, 0));
    CHECK(data_rate_is_usable(us915(), p, 4));
    CHECK_FALSE(data_rate_is_usable(us915(), p, 15));

    Parameters eu = region_defaults(eu868());
    CHECK_FALSE(data_rate_is_usable(eu868(), eu, 6));
    eu.channels[3] = {868'300'000 + 500'000, 0, 6, 7};
    eu.enabled.set(3);
    CHECK(data_rate_is_usable(eu868(), eu, 6));
}
