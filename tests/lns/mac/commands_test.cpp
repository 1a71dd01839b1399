#include "tests/lns/mac/device_fixture.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::mac;
using namespace helio::lns::mac::test;

TEST_CASE("nothing is asked where the device uses what we want", "[lns][mac]") {
    for (const char* region : {"EU868", "US915"}) {
        Device device(region);
        CHECK(device.ask().empty());
        CHECK_FALSE(device.last().worth_a_downlink);
    }
}

TEST_CASE("a question that stays unanswered stops costing downlinks of its own", "[lns][mac]") {
    Device device("EU868");
    device.want().data_rate = 5;
    for (int i = 0; i < 4; ++i) {
        device.ask();
        CHECK(device.last().worth_a_downlink);
    }
    CHECK_FALSE(device.ask().empty());  // it rides along
    CHECK_FALSE(device.last().worth_a_downlink);
    // Another question is worth one again.
    device.want().rx_delay_1_s = 5;
    device.ask();
    CHECK(device.last().worth_a_downlink);
}

TEST_CASE("RXTimingSetup and RXParamSetup move the windows once they are answered", "[lns][mac]") {
    Device device("EU868");
    device.want().rx_delay_1_s = 5;
    device.want().rx1_dr_offset = 2;
    device.want().rx2_data_rate = 3;
    device.want().rx2_frequency_hz = 869'525'000;
    CHECK(device.ask() ==
          "0805"
          "0523d2ad84");
    const auto outcome = device.hear("080507");
    CHECK(outcome.downlink_needed);
    CHECK(outcome.understood == 2);
    CHECK(device.used() == device.want());
}

TEST_CASE("a sticky answer that is repeated needs a downlink and changes nothing", "[lns][mac]") {
    struct Row {
        const char* why;
        const char* answer;
    };
    const auto row = GENERATE(values<Row>({
        {"RXTimingSetupAns", "08"},
        {"RXParamSetupAns", "0507"},
        {"DlChannelAns", "0a03"},
    }));
    CAPTURE(row.why);
    Device device("EU868");
    const Parameters before = device.used();
    const auto outcome = device.hear(row.answer);
    CHECK(outcome.downlink_needed);
    CHECK_FALSE(outcome.session_changed);
    CHECK(device.used() == before);
    CHECK_FALSE(device.hear("0307").downlink_needed);
}

TEST_CASE("a refused RXParamSetup leaves the windows and is not asked again", "[lns][mac]") {
    Device device("EU868");
    const Parameters before = device.used();
    device.want().rx2_data_rate = 3;
    REQUIRE(device.ask() == "0503d2ad84");
    device.hear("0505");
    CHECK(device.used() == before);
    CHECK(device.ask().empty());
    // Another wish is another question.
    device.want().rx2_data_rate = 2;
    CHECK(device.ask() == "0502d2ad84");
}

TEST_CASE("NewChannel adds channels one answer at a time", "[lns][mac]") {
    Device device("EU868");
    Parameters bare = region_defaults(device.region());
    device.uses(bare);
    // 867.1 to 867.9 MHz; two fit in FOpts, all five in a payload.
    CHECK(device.ask(15) ==
          "0703184f8450"
          "0704e8568450");
    CHECK(device.last().more);
    REQUIRE(device.ask(30).size() == 60);
    CHECK_FALSE(device.last().more);
    device.hear(
        "07030703"
        "0702"
        "07030703");  // the third frequency is refused
    const Parameters used = device.used();
    CHECK(used.channels[3].uplink_hz == 867'100'000);
    CHECK(used.channels[3].max_data_rate == 5);
    CHECK(used.channels[5].uplink_hz == 0);
    CHECK(used.enabled == ChannelSet(0b1101'1111));
    CHECK(device.ask().empty());  // not the refused one
}

TEST_CASE("a channel that is wanted no more is removed", "[lns][mac]") {
    Device device("EU868");
    device.want().channels[7] = {};
    device.want().enabled.reset(7);
    const std::string asked = device.ask();
    CHECK(asked ==
          "03ff7f0001"
          "070700000000");
    device.hear("03070703");
    CHECK(device.used() == device.want());
}

TEST_CASE("DlChannel moves RX1 of a channel, from 1.0.2 on", "[lns][mac]") {
    Device device("EU868");
    device.want().channels[3].downlink_hz = 869'525'000;
    CHECK(device.ask() == "0a03d2ad84");
    const auto outcome = device.hear("0a03");
    CHECK(outcome.downlink_needed);
    CHECK(device.used() == device.want());
    CHECK(rx1_frequency_hz(device.region(), device.used(), 867'100'000) == 869'525'000);
    CHECK(rx1_frequency_hz(device.region(), device.used(), 867'300'000) == 867'300'000);

    Device old("EU868", proto::MAC_1_0_1);
    old.want().channels[3].downlink_hz = 869'525'000;
    CHECK(old.ask().empty());
}

TEST_CASE("the last answered question of a kind is forgotten, others stay", "[lns][mac]") {
    Device device("EU868");
    device.want().max_duty_cycle = 7;
    device.want().rx_delay_1_s = 2;
    CHECK(device.ask() ==
          "0802"
          "0407");
    device.hear("04");
    CHECK(device.used().max_duty_cycle == 7);
    CHECK(device.used().rx_delay_1_s == 1);
    REQUIRE(device.session().pending_size() == 1);
    CHECK(device.session().pending(0).cid() == 0x08);
    CHECK(device.session().pending(0).sent_in_fcnt_down() == 1);
}

TEST_CASE("TxParamSetup is not asked where the region does not have it", "[lns][mac]") {
    Device device("EU868");
    device.want().max_eirp_dbm = 10;
    CHECK(device.ask().empty());
}

TEST_CASE("device status is asked when told to and comes back as a value", "[lns][mac]") {
    Device device("EU868");
    CHECK(device.ask(15, {.ask_device_status = true}) == "06");
    const auto outcome = device.hear("06fe3f");
    REQUIRE(outcome.status);
    CHECK(outcome.status->battery == 254);
    CHECK(outcome.status->margin_db == -1);
    CHECK(outcome.session_changed);
    // Unasked it is not believed.
    CHECK_FALSE(device.hear("06fe3f").status);
}

TEST_CASE("LinkCheckReq is answered with margin and gateways", "[lns][mac]") {
    Device device("EU868");
    const auto outcome =
        device.hear("02", {.best_snr_db = 3.4f, .required_snr_db = -7.5f, .gateway_count = 3});
    CHECK(to_hex(outcome.answers) == "020a03");
    CHECK_FALSE(outcome.session_changed);
    // Below the floor there is no negative margin to tell.
    CHECK(to_hex(device.hear("02", {.best_snr_db = -22, .required_snr_db = -20}).answers) ==
          "020001");
}

TEST_CASE("DeviceTimeReq is answered with the GPS time at which the uplink ended", "[lns][mac]") {
    Device device("EU868");
    // 1 s and a half after the GPS epoch.
    CHECK(to_hex(device.hear("0d", {.ended_at = {Duration(1'500'000)}}).answers) == "0d0100000080");
    // As a UTC instant: 2026-11-21T09:30:00Z is 1479288618 s of GPS time.
    const Instant at = from_unix_us(1'795'253'400'000'000);
    const auto outcome = device.hear("0d", {.ended_at = to_gps(at)});
    CHECK(to_hex(outcome.answers) == "0d2a272c5800");
}

TEST_CASE("a question asked fifteen times in a frame is answered once", "[lns][mac]") {
    Device device("EU868");
    const auto outcome = device.hear("020202020202020202020202020202");
    CHECK(outcome.answers.size() == 3);
    CHECK(outcome.understood == 15);
}

TEST_CASE("what nobody asked and what nobody knows is counted and changes nothing", "[lns][mac]") {
    struct Row {
        const char* why;
        const char* commands;
        unsigned understood;
        unsigned unexpected;
        bool stopped_early;
    };
    const auto row = GENERATE(values<Row>({
        {"an answer to no question", "0307", 1, 1, false},
        {"three of them", "030703070307", 3, 3, false},
        {"a 1.1 command", "0b01", 1, 1, false},
        {"a proprietary command", "80aabb", 0, 0, true},
        {"a cut command", "0607", 0, 0, true},
        {"known, then unknown", "02ff", 1, 0, true},
    }));
    CAPTURE(row.why);
    Device device("EU868");
    const std::string before = device.session().SerializeAsString();
    const auto outcome = device.hear(row.commands);
    CHECK(outcome.understood == row.understood);
    CHECK(outcome.unexpected == row.unexpected);
    CHECK(outcome.stopped_early == row.stopped_early);
    CHECK_FALSE(outcome.session_changed);
    CHECK(device.session().SerializeAsString() == before);
}
