#include "tests/lns/mac/device_fixture.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::mac;
using namespace helio::lns::mac::test;

TEST_CASE("LinkADR: an accepted data rate, power and repetition are what the device then uses",
          "[lns][mac]") {
    Device device("EU868", proto::MAC_1_0_2);
    device.want().data_rate = 5;
    device.want().tx_power_index = 3;
    device.want().nb_trans = 2;
    CHECK(device.ask() == "0353ff0002");  // DR5, power 3, channels 0-7, control 0, NbTrans 2
    CHECK(device.used().data_rate == 0);

    const auto outcome = device.hear("0307");
    CHECK(outcome.session_changed);
    CHECK(device.used() == device.want());
    CHECK(device.session().pending_size() == 0);
    CHECK(device.ask().empty());
}

TEST_CASE("LinkADR: from 1.0.4 on, what does not change is sent as 'keep'", "[lns][mac]") {
    Device device("EU868", proto::MAC_1_0_4);
    device.want().data_rate = 5;
    CHECK(device.ask() == "035fff0001");
    device.hear("0307");
    CHECK(device.used() == device.want());

    device.want().nb_trans = 3;
    CHECK(device.ask() == "03ffff0003");
    device.hear("0307");
    CHECK(device.used() == device.want());
}

TEST_CASE("LinkADR: a lost answer is no answer, and the question is asked again", "[lns][mac]") {
    Device device("EU868");
    device.want().data_rate = 5;
    const std::string first = device.ask();
    device.hear("");
    CHECK(device.ask() == first);
    CHECK(device.last().planned.at(0).attempts == 2);
}

TEST_CASE("LinkADR: what is refused is remembered and not asked again", "[lns][mac]") {
    struct Row {
        const char* why;
        const char* answer;
        std::uint16_t data_rates;
        std::uint16_t powers;
        const char* next;
    };
    const auto row = GENERATE(values<Row>({
        {"data rate refused", "0305", 1 << 5, 0, "0303ff0001"},
        {"power refused", "0303", 0, 1 << 3, "0350ff0001"},
        {"both refused", "0301", 1 << 5, 1 << 3, ""},
    }));
    CAPTURE(row.why);
    Device device("EU868", proto::MAC_1_0_2);
    device.want().data_rate = 5;
    device.want().tx_power_index = 3;
    REQUIRE(device.ask() == "0353ff0001");
    device.hear(row.answer);
    CHECK(device.used().data_rate == 0);
    CHECK(device.used().tx_power_index == 0);
    const auto refused = refused_by_device(device.session());
    CHECK(refused.data_rates == row.data_rates);
    CHECK(refused.tx_powers == row.powers);
    CHECK(device.ask() == row.next);
}

TEST_CASE("LinkADR: a refused mask is not asked again, and the data rate is not blamed for it",
          "[lns][mac]") {
    Device device("EU868", proto::MAC_1_0_2);
    device.want().data_rate = 5;
    device.want().enabled.reset(7);
    REQUIRE(device.ask() == "03507f0001");
    device.hear("0304");
    CHECK(refused_by_device(device.session()).data_rates == 0);
    CHECK(device.ask() == "0350ff0001");  // the data rate alone
    device.hear("0307");
    CHECK(device.used().data_rate == 5);
    CHECK(device.ask().empty());
}

TEST_CASE("LinkADR: US915 goes to one sub-band with two requests, one of them answered for both",
          "[lns][mac]") {
    Device device("US915", proto::MAC_1_0_3);
    device.want().enabled.reset();
    for (int i = 8; i < 16; ++i) device.want().enabled.set(i);
    device.want().enabled.set(65);
    device.want().data_rate = 3;
    // All 125 kHz channels off with 65 on; then channels 8-15.
    CHECK(device.ask() ==
          "03300200710330"
          "00ff01");
    SECTION("two answers") { device.hear("03070307"); }
    SECTION("one answer") { device.hear("0307"); }
    CHECK(device.used() == device.want());
    CHECK(device.ask().empty());
}

TEST_CASE("LinkADR: before 1.0.2 each request stands alone", "[lns][mac]") {
    Device device("US915", proto::MAC_1_0_1);
    const ChannelSet all = device.used().enabled;
    device.want().enabled.reset();
    for (int i = 8; i < 16; ++i) device.want().enabled.set(i);
    device.want().enabled.set(65);
    REQUIRE(device.ask() ==
            "03000200710300"
            "00ff01");
    SECTION("the first is done, the second not") {
        device.hear("03070306");
        CHECK(device.used().enabled == (ChannelSet{}.set(65)));
    }
    SECTION("the first is not done, the second is") {
        device.hear("03060307");
        ChannelSet expected = all;
        for (int i = 0; i < 8; ++i) expected.reset(i);
        CHECK(device.used().enabled == expected);
    }
    SECTION("a later version takes all or nothing") {
        device.session().set_mac_version(proto::MAC_1_0_3);
        device.hear("03070306");
        CHECK(device.used().enabled == all);
    }
}

TEST_CASE("a block that does not fit is left out whole, and said so", "[lns][mac]") {
    Device device("US915");
    device.want().enabled = ChannelSet{}.set(8).set(65);
    CHECK(device.ask(9).empty());
    CHECK(device.last().more);
    CHECK_FALSE(device.ask(10).empty());
    CHECK_FALSE(device.last().more);
}

TEST_CASE("after ADR back-off the device is known to send slower and at full power", "[lns][mac]") {
    Device device("EU868");
    Parameters p = device.used();
    p.data_rate = 5;
    p.tx_power_index = 4;
    device.uses(p);
    CHECK_FALSE(observe_uplink_data_rate(device.session(), 5));
    CHECK(device.used().tx_power_index == 4);
    CHECK(observe_uplink_data_rate(device.session(), 3));
    CHECK(device.used().data_rate == 3);
    CHECK(device.used().tx_power_index == 0);
    // Faster by its own choice says nothing of power.
    p.data_rate = 3;
    device.uses(p);
    CHECK(observe_uplink_data_rate(device.session(), 4));
    CHECK(device.used().tx_power_index == 4);
}
