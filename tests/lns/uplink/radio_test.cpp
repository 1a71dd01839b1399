// Frames of each modulation through the whole server, and what the payload limits of their windows
// let through.
#include "tests/lns/quiet.h"
#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

TEST_CASE("an uplink of each modulation is delivered and answered at RX1's data rate",
          "[lns][uplink]") {
    struct Row {
        Modulation uplink;
        unsigned data_rate;
        Modulation rx1;
    };
    const Row rows[] = {
        {LoraModulation{125'000, 12}, 0, LoraModulation{125'000, 12}},
        {LoraModulation{250'000, 7}, 6, LoraModulation{250'000, 7}},
        {FskModulation{50'000}, 7, FskModulation{50'000}},
        {LrFhssModulation{137'000, 2}, 8, LoraModulation{125'000, 11}},
        {LrFhssModulation{137'000, 4}, 9, LoraModulation{125'000, 10}},
        {LrFhssModulation{336'000, 2}, 10, LoraModulation{125'000, 11}},
        {LrFhssModulation{336'000, 4}, 11, LoraModulation{125'000, 10}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.data_rate);
        Quiet q;
        const auto down = q.exchange({.confirmed = true, .adr = true}, {.modulation = row.uplink});
        const auto ups = q.n.take(proto::Event::kUp);
        REQUIRE(ups.size() == 1);
        CHECK(ups[0].up().data_rate() == row.data_rate);
        REQUIRE(down.size() == 1);
        CHECK(down[0].modulation == row.rx1);
        CHECK(q.hears(down)->ack);
    }
}

TEST_CASE("an uplink at no data rate of its region, or outside of it, is counted and goes nowhere",
          "[lns][uplink]") {
    Quiet q;
    q.exchange({}, {.modulation = LoraModulation{500'000, 7}});
    CHECK(q.n.server->stats().wrong_data_rate == 1);
    q.exchange({}, {.frequency_hz = 915'000'000});
    CHECK(q.n.server->stats().wrong_frequency == 1);
    CHECK(q.n.take(proto::Event::kUp).empty());
}

TEST_CASE("a message of exactly the data rate's limit is sent, one byte more is not",
          "[lns][downlink]") {
    struct Row {
        LoraModulation uplink;
        std::size_t limit;  // N of RP002 for EU868
    };
    const Row rows[] = {{{125'000, 12}, 51},
                        {{125'000, 11}, 51},
                        {{125'000, 10}, 51},
                        {{125'000, 9}, 115},
                        {{125'000, 8}, 242},
                        {{125'000, 7}, 242}};
    for (const Row& row : rows) {
        CAPTURE(row.limit, int{row.uplink.spreading_factor});
        Quiet q;
        q.n.enqueue("fits", Bytes(row.limit, 1));
        auto down = q.exchange({}, {.modulation = row.uplink});
        REQUIRE(down.size() == 1);
        CHECK(down[0].phy_payload.size() == row.limit + 13);
        CHECK(q.hears(down)->data.size() == row.limit);
        if (row.limit == 242) continue;  // no more can be queued at all
        q.n.enqueue("large", Bytes(row.limit + 1, 1));
        CHECK(q.exchange({}, {.modulation = row.uplink}).empty());
        CHECK(q.n.server->stats().queue_too_large == 1);
    }
}

TEST_CASE("MAC commands that find no room beside a message wait for the next downlink",
          "[lns][downlink]") {
    Network n;
    auto device = n.with_abp_device();  // has to be told its channels
    n.enqueue("full", Bytes(51, 1));
    const Reception slow{.modulation = LoraModulation{125'000, 12}};
    n.uplink(device.uplink(), slow);
    auto down = n.take_downlinks();
    REQUIRE(down.size() == 1);
    n.ack(down[0]);
    auto received = device.receive(down[0].phy_payload);
    REQUIRE(received);
    CHECK(received->data.size() == 51);
    CHECK(received->commands.empty());
    CHECK(received->fpending);
    n.pass(10s);

    n.uplink(device.uplink(), slow);
    down = n.take_downlinks();
    REQUIRE(down.size() == 1);
    received = device.receive(down[0].phy_payload);
    REQUIRE(received);
    CHECK_FALSE(received->commands.empty());
}

TEST_CASE("more than fifteen bytes of MAC commands travel on port 0", "[lns][downlink]") {
    Network n;
    auto device = n.with_abp_device();
    n.uplink(device.uplink());
    const auto down = n.take_downlinks();
    REQUIRE(down.size() == 1);
    const auto received = device.receive(down[0].phy_payload);
    REQUIRE(received);
    CHECK(received->fport == 0);
    CHECK(received->commands.size() > 15);
}

TEST_CASE("MAC answers on port 0 are taken in as those in FOpts are", "[lns][uplink]") {
    const std::uint8_t in_fopts = GENERATE(0, 1);
    Quiet q;
    const auto down =
        in_fopts ? q.exchange({.fopts = {0x02}}) : q.exchange({.fport = 0, .data = {0x02}});
    const auto received = q.hears(down);
    REQUIRE(received);
    REQUIRE(received->commands.size() >= 3);
    CHECK(received->commands[0] == 0x02);
    const auto ups = q.n.take(proto::Event::kUp);
    REQUIRE(ups.size() == 1);
    CHECK(ups[0].up().data() == (in_fopts ? "\x2a" : ""));
}
