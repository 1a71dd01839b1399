#include "lns/adr/adr.h"

#include "tests/support/catch.h"

#include <vector>

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::adr;

namespace {

const Region& eu868() { return *find_region("EU868"); }
const Region& us915() { return *find_region("US915"); }

// `count` uplinks in a row that were all heard alike.
std::vector<Observation> heard(std::size_t count, float snr_db, std::uint8_t tx_power_index = 0) {
    std::vector<Observation> out;
    for (std::size_t i = 0; i < count; ++i) {
        out.push_back({static_cast<std::uint32_t>(100 + i),
                       static_cast<std::int16_t>(snr_db * 10),
                       1,
                       tx_power_index});
    }
    return out;
}

// As many of the frames before the last are lost as makes this share of all that were sent.
std::vector<Observation> with_loss(std::vector<Observation> history, std::uint32_t lost) {
    history.back().fcnt += lost;
    return history;
}

struct Case {
    std::vector<Observation> history;
    std::uint8_t data_rate = 0;
    std::uint8_t tx_power_index = 0;
    std::uint8_t nb_trans = 1;
    Limits limits{};
    float margin_db = 10;
    std::uint16_t unusable_data_rates = 0;
    std::uint16_t unusable_tx_powers = 0;
    const Region* region = &eu868();
};

Decision decide_on(const Case& c) {
    return decide({c.region,
                   c.history,
                   c.data_rate,
                   c.tx_power_index,
                   c.nb_trans,
                   c.limits,
                   c.margin_db,
                   c.unusable_data_rates,
                   c.unusable_tx_powers});
}

}  // namespace

TEST_CASE("a strong link goes to the fastest data rate first and then to less power",
          "[lns][adr]") {
    struct Row {
        const char* why;
        float snr_db;
        std::uint8_t data_rate;
        std::uint8_t tx_power_index;
    };
    // At DR0 the floor is -20 dB and 10 dB are kept, so SNR + 10 is to spare; a data rate costs
    // 2.5 dB and an index of power 2 dB.
    const auto row = GENERATE(values<Row>({
        {"nothing to spare", -10.0f, 0, 0},
        {"a little less than a step", -7.6f, 0, 0},
        {"one step", -7.5f, 1, 0},
        {"all five steps", 2.5f, 5, 0},
        {"five steps and 2 dB: not enough with hysteresis", 4.5f, 5, 0},
        {"five steps and 3 dB", 5.5f, 5, 1},
        {"five steps and 9 dB", 11.5f, 5, 4},
        {"as near as can be", 30.0f, 5, 7},
    }));
    CAPTURE(row.why, row.snr_db);
    const Decision d = decide_on({heard(20, row.snr_db)});
    CHECK(d.data_rate == row.data_rate);
    CHECK(d.tx_power_index == row.tx_power_index);
    CHECK(d.nb_trans == 1);
    CHECK(d.reason == (d.changes() ? Reason::strong_link : Reason::link_is_as_it_should_be));
}

TEST_CASE("a window that is not full keeps 2.5 dB more, and its power", "[lns][adr]") {
    CHECK(decide_on({heard(20, -5.0f)}).data_rate == 2);
    CHECK(decide_on({heard(19, -5.0f)}).data_rate == 1);
    CHECK(decide_on({heard(1, -5.0f)}).data_rate == 1);
    CHECK(decide_on({heard(9, 30)}).data_rate == 5);
    CHECK(decide_on({heard(9, 30)}).tx_power_index == 0);
    CHECK(decide_on({heard(10, 30)}).tx_power_index == 7);
}

TEST_CASE("one lucky uplink does not make a link strong", "[lns][adr]") {
    auto history = heard(20, -10.0f);
    for (std::size_t i = 0; i < 4; ++i) history[5 * i].snr_tenths = 100;
    CHECK_FALSE(decide_on({history}).changes());
    history[1].snr_tenths = 100;  // a quarter of them is no luck
    CHECK(decide_on({history}).data_rate == 5);
}

TEST_CASE("only the last twenty count", "[lns][adr]") {
    auto history = heard(40, -10.0f);
    for (std::size_t i = 0; i < 20; ++i) history[i].snr_tenths = 200;
    const Decision d = decide_on({history});
    CHECK(d.samples == 20);
    CHECK_FALSE(d.changes());
}

TEST_CASE("an uplink is judged by the power it was sent with", "[lns][adr]") {
    // Ten at full power, then ten at 6 dB less that were heard 6 dB weaker: the same link.
    auto history = heard(20, 5.0f);
    for (std::size_t i = 10; i < 20; ++i) {
        history[i].snr_tenths = -10;
        history[i].tx_power_index = 3;
    }
    const Decision d = decide_on({history, 5, 3});
    CHECK(d.snr_db == Approx(-1.0f));
    CHECK(d.spare_db == Approx(-3.5f));
    CHECK(d.data_rate == 5);
    CHECK(d.tx_power_index == 1);
    CHECK(d.reason == Reason::weak_link);
}

TEST_CASE("the floor is that of the bandwidth", "[lns][adr]") {
    // DR6 of EU868 is SF7 at 250 kHz.
    CHECK(decide_on({heard(20, 5), 5}).required_snr_db == -7.5f);
    CHECK(decide_on({heard(20, 5), 6}).required_snr_db == -4.5f);
}

TEST_CASE("less power is taken back only with a full window and only when it is missed",
          "[lns][adr]") {
    // DR5 at index 3: -7.5 dB and 10 dB kept, so below 2.5 dB something is missing.
    CHECK_FALSE(decide_on({heard(20, 3.0f, 3), 5, 3}).changes());
    CHECK_FALSE(decide_on({heard(20, 2.5f, 3), 5, 3}).changes());
    const Decision d = decide_on({heard(20, 1.0f, 3), 5, 3});
    CHECK(d.tx_power_index == 2);
    CHECK(d.data_rate == 5);
    CHECK(d.reason == Reason::weak_link);
    CHECK_FALSE(decide_on({heard(19, 1.0f, 3), 5, 3}).changes());
    CHECK(decide_on({heard(20, -20.0f, 3), 5, 3}).tx_power_index == 0);
}

TEST_CASE("a faster data rate is paid for with power where that is enough", "[lns][adr]") {
    // DR4 at index 5 (10 dB less): spare 0 there, so 10 dB at full power: 2.5 for DR5, 7.5 for
    // power.
    const Decision d = decide_on({heard(20, 0.0f, 5), 4, 5});
    CHECK(d.data_rate == 5);
    CHECK(d.tx_power_index == 3);
}

TEST_CASE("the network slows a device down only where full power fails and frames are lost",
          "[lns][adr]") {
    struct Row {
        const char* why;
        float snr_db;
        std::uint32_t lost;
        std::uint8_t tx_power_index;
        std::size_t samples;
        std::uint8_t data_rate;
    };
    const auto row = GENERATE(values<Row>({
        {"near the floor with losses", -6.0f, 5, 0, 20, 4},
        {"near the floor without", -6.0f, 0, 0, 20, 5},
        {"losses far from the floor are not the data rate's", 2.0f, 5, 0, 20, 5},
        {"there is power left to try first", -6.0f, 5, 1, 20, 5},
        {"too early to say", -6.0f, 5, 0, 19, 5},
    }));
    CAPTURE(row.why);
    const Decision d =
        decide_on({with_loss(heard(row.samples, row.snr_db, row.tx_power_index), row.lost),
                   5,
                   row.tx_power_index});
    CHECK(d.data_rate == row.data_rate);
    if (row.data_rate == 4) CHECK(d.reason == Reason::failing_link);
}

TEST_CASE("repetitions follow Semtech's table of losses", "[lns][adr]") {
    struct Row {
        std::uint32_t lost;  // beside twenty that arrived
        std::uint8_t from1, from2, from3;
    };
    const auto row = GENERATE(values<Row>({
        {0, 1, 1, 2},
        {1, 1, 1, 2},  // 4.8 %
        {2, 1, 2, 3},  // 9.1 %
        {3, 2, 3, 3},  // 13 %
        {8, 2, 3, 3},  // 28.6 %
        {9, 3, 3, 3},  // 31 %
    }));
    const std::uint8_t expected[] = {row.from1, row.from2, row.from3};
    for (std::uint8_t now = 1; now <= 3; ++now) {
        CAPTURE(row.lost, int{now});
        // DR5 with nothing to spare, so that only the repetitions can change.
        const Decision d = decide_on({with_loss(heard(20, 2.5f), row.lost), 5, 0, now});
        CHECK(d.nb_trans == expected[now - 1]);
        CHECK(d.data_rate == 5);
        CHECK(d.reason == (d.changes() ? Reason::losses : Reason::link_is_as_it_should_be));
    }
}

TEST_CASE("repetitions rise after ten uplinks and fall after twenty, so that they do not flap",
          "[lns][adr]") {
    CHECK(decide_on({with_loss(heard(9, 2.5f), 9), 5}).nb_trans == 1);
    CHECK(decide_on({with_loss(heard(10, 2.5f), 9), 5}).nb_trans == 3);
    CHECK(decide_on({heard(19, 2.5f), 5, 0, 3}).nb_trans == 3);
    CHECK(decide_on({heard(20, 2.5f), 5, 0, 3}).nb_trans == 2);
}

TEST_CASE("limits of data rate, power and repetitions are kept", "[lns][adr]") {
    Case c{heard(20, 30)};
    c.limits.max_data_rate = 3;
    c.limits.max_tx_power_index = 2;
    Decision d = decide_on(c);
    CHECK(d.data_rate == 3);
    CHECK(d.tx_power_index == 2);

    c.limits.min_tx_power_index = 1;
    c.history = heard(20, -10);
    CHECK(decide_on(c).tx_power_index == 1);

    Case slow{heard(20, 2.5f), 5, 0, 3};
    slow.limits.min_nb_trans = 3;
    CHECK(decide_on(slow).nb_trans == 3);
    Case lossy{with_loss(heard(20, 2.5f), 20), 5};
    lossy.limits.max_nb_trans = 2;
    CHECK(decide_on(lossy).nb_trans == 2);
}

TEST_CASE("a device outside the limits is brought back at full power", "[lns][adr]") {
    Case fast{heard(20, 30, 4), 5, 4};
    fast.limits.max_data_rate = 2;
    Decision d = decide_on(fast);
    CHECK(d.data_rate == 2);
    CHECK(d.tx_power_index == 0);
    CHECK(d.reason == Reason::outside_limits);

    Case slow{heard(20, -10), 0};
    slow.limits.min_data_rate = 3;
    CHECK(decide_on(slow).data_rate == 3);
}

TEST_CASE("a device on its few wide channels is brought to the data rates that all channels carry",
          "[lns][adr]") {
    Case c{heard(20, 5), 4};
    c.region = &us915();
    CHECK(decide_on(c).data_rate == 3);
    c.unusable_data_rates = 1 << 3;  // it says that it cannot
    CHECK(decide_on(c).data_rate == 4);
}

TEST_CASE("what the device refused is not chosen", "[lns][adr]") {
    Case c{heard(20, 30)};
    c.unusable_data_rates = 1 << 5;
    CHECK(decide_on(c).data_rate == 4);
    c.unusable_data_rates = 1 << 3;  // the next one is reached over the gap
    CHECK(decide_on(c).data_rate == 5);
    c.unusable_tx_powers = 1 << 7 | 1 << 6;
    CHECK(decide_on(c).tx_power_index == 5);
}

TEST_CASE("a region's ADR goes no further than its 125 kHz channels", "[lns][adr]") {
    Case c{heard(20, 30)};
    c.region = &us915();
    const Decision d = decide_on(c);
    CHECK(d.data_rate == 3);
    CHECK(d.tx_power_index == 13);  // 30 + 7.5 - 10 dB to spare, 1 dB of it hysteresis
}

TEST_CASE("a larger margin is a slower device", "[lns][adr]") {
    Case c{heard(20, -5.0f)};
    c.margin_db = 5;
    CHECK(decide_on(c).data_rate == 4);
    c.margin_db = 15;
    CHECK(decide_on(c).data_rate == 0);
}

TEST_CASE("without uplinks, or without a floor, nothing is decided", "[lns][adr]") {
    const Decision none = decide_on({{}, 3, 2, 2});
    CHECK_FALSE(none.changes());
    CHECK(none.reason == Reason::no_observations);
    const Decision fsk = decide_on({heard(20, 30), 7});
    CHECK_FALSE(fsk.changes());
    CHECK(fsk.reason == Reason::not_lora);
}

TEST_CASE("a decision is stable: once carried out, the same link asks for nothing more",
          "[lns][adr]") {
    for (int tenths = -300; tenths <= 300; tenths += 3) {
        CAPTURE(tenths);
        const float snr = static_cast<float>(tenths) / 10;
        Case c{heard(20, snr)};
        const Decision first = decide_on(c);
        c.data_rate = first.data_rate;
        c.tx_power_index = first.tx_power_index;
        const float reduction =
            static_cast<float>(-eu868().tx_power_offset_db[first.tx_power_index]);
        c.history = heard(20, snr - reduction, first.tx_power_index);
        CHECK_FALSE(decide_on(c).changes());
    }
}

TEST_CASE("a decision explains itself", "[lns][adr]") {
    CHECK(explain(decide_on({heard(20, 5.5f)})) ==
          "data rate 0 -> 5, power index 0 -> 1, repetitions 1: the link has more to spare than it "
          "needs; SNR 5.5 dB - floor -20.0 dB - margin 10.0 dB - 0.0 dB for few samples = 15.5 dB "
          "to spare, 0 % lost, 20 of 20 uplinks");
    CHECK(
        explain(decide_on({{}})) ==
        "data rate 0, power index 0, repetitions 1: nothing has been heard since the last change");
}

TEST_CASE("an algorithm is found by its name", "[lns][adr]") {
    CHECK(find_algorithm("default") == decide);
    CHECK(find_algorithm("") == nullptr);
}
