#include "lns/region/region.h"

#include "tests/support/catch.h"

using namespace helio;
using namespace helio::lns;

namespace {

const Region& eu868() { return *find_region("EU868"); }
const Region& us915() { return *find_region("US915"); }

ChannelSet all_of(const Region& region) {
    ChannelSet set;
    for (std::size_t i = 0; i < region.channels.size(); ++i) set.set(i);
    return set;
}
ChannelSet channels(std::initializer_list<std::pair<unsigned, unsigned>> ranges) {
    ChannelSet set;
    for (const auto& [first, last] : ranges)
        for (unsigned i = first; i <= last; ++i) set.set(i);
    return set;
}

}  // namespace

TEST_CASE("a region is found by its name", "[lns][region]") {
    for (const Region* region : all_regions()) CHECK(find_region(region->name) == region);
    CHECK(find_region("MARS") == nullptr);
    CHECK(find_region("") == nullptr);
}

TEST_CASE("what a gateway leaves out does not make another data rate", "[lns][region]") {
    CHECK(eu868().find_data_rate(Direction::up, LoraModulation{125'000, 12, 5}) == 0);
    CHECK(eu868().find_data_rate(Direction::up, FskModulation{50'000, 0}) == 7);
    CHECK(eu868().find_data_rate(Direction::up, LrFhssModulation{137'000, 2, 8}) == 8);
    CHECK_FALSE(eu868().find_data_rate(Direction::up, LoraModulation{500'000, 12}));
    CHECK_FALSE(eu868().find_data_rate(Direction::down, LrFhssModulation{137'000, 2}));
}

TEST_CASE("one index means one thing up and another down", "[lns][region]") {
    CHECK(us915().find_data_rate(Direction::up, LoraModulation{500'000, 8}) == 4);
    CHECK(us915().find_data_rate(Direction::down, LoraModulation{500'000, 8}) == 12);
    CHECK(us915().max_payload(Direction::up, 0) == 11);
    CHECK(us915().max_payload(Direction::down, 0) == 242);
    CHECK(us915().max_payload(Direction::down, 1) == 0);
}

TEST_CASE("a gateway may radiate what the law of its band allows", "[lns][region]") {
    CHECK(eu868().max_downlink_eirp_dbm(868'100'000) == 16);
    CHECK(eu868().max_downlink_eirp_dbm(869'525'000) == 29);
    CHECK(us915().max_downlink_eirp_dbm(923'300'000) == 21);
    CHECK(eu868().duty_band(869'525'000)->duty_cycle_per_mille == 100);
    CHECK(eu868().duty_band(868'650'000) == nullptr);
    CHECK(us915().duty_band(923'300'000) == nullptr);
}

TEST_CASE("ChMaskCntl changes the channels as the region's table says", "[lns][region]") {
    struct Row {
        const char* why;
        const Region* region;
        unsigned control;
        std::uint16_t mask;
        ChannelSet before;
        std::optional<ChannelSet> after;
    };
    const Region* eu = &eu868();
    const Region* us = &us915();
    const ChannelSet fsb2 = channels({{8, 15}, {65, 65}});
    const Row rows[] = {
        {"EU868: sixteen at once", eu, 0, 0x0005, channels({{0, 2}}), channels({{0, 0}, {2, 2}})},
        {"EU868: a channel it has not", eu, 0, 0x000f, channels({{0, 2}}), {}},
        {"EU868: all defined", eu, 6, 0, channels({{1, 1}}), channels({{0, 2}})},
        {"EU868: reserved", eu, 1, 0x0001, channels({{0, 2}}), {}},
        {"EU868: reserved", eu, 7, 0, channels({{0, 2}}), {}},
        {"US915: the first sixteen", us, 0, 0xff00, {}, channels({{8, 15}})},
        {"US915: the last sixteen of 125 kHz", us, 3, 0x8001, {}, channels({{48, 48}, {63, 63}})},
        {"US915: the wide ones", us, 4, 0x0002, fsb2, fsb2},
        {"US915: reserved bits of the wide ones", us, 4, 0xff02, fsb2, fsb2},
        {"US915: banks with their wide channels", us, 5, 0x0002, all_of(*us), fsb2},
        {"US915: all narrow on", us, 6, 0x0001, {}, channels({{0, 63}, {64, 64}})},
        {"US915: all narrow off", us, 7, 0x0002, all_of(*us), channels({{65, 65}})},
        {"no such control", us, 8, 0, all_of(*us), {}},
    };
    for (const Row& row : rows) {
        CAPTURE(row.why);
        CHECK(apply_ch_mask(*row.region, row.control, row.mask, row.before, all_of(*row.region)) ==
              row.after);
    }
}

TEST_CASE("a channel set is kept in as few bytes as it needs", "[lns][region]") {
    const ChannelSet fsb2 = channels({{8, 15}, {65, 65}});
    const std::string stored = to_bytes(fsb2);
    CHECK(to_hex(bytes_of(stored)) == "00ff00000000000002");
    CHECK(channel_set_of(stored) == fsb2);
    CHECK(to_bytes(ChannelSet{}).empty());
    CHECK(mask_of(fsb2, 0) == 0xff00);
    CHECK(mask_of(fsb2, 64) == 0x0002);
    CHECK(channel_set_of(Bytes(40, 0xff)).all());
}
