#include "lns/region/airtime.h"

#include "tests/lns/lorawan_vectors.h"

using namespace helio;
using namespace helio::lns;
using namespace helio::lns::test;

TEST_CASE("LoRa frames last as long as the data sheet says", "[lns][region]") {
    for (const auto& v : vectors_of("airtime")) {
        CAPTURE(v.describe());
        const LoraModulation lora{v.number("bandwidth_hz"),
                                  v.number<std::uint8_t>("spreading_factor"),
                                  v.number<std::uint8_t>("coding_rate_denominator")};
        const LoraFraming framing{
            .preamble_symbols = v.number("preamble_symbols"),
            .explicit_header = v.flag("explicit_header"),
            .crc = !v.has("phy_crc") || v.flag("phy_crc"),
            .low_data_rate_optimize = v.flag("low_data_rate_optimize") ? LowDataRateOptimize::on
                                                                       : LowDataRateOptimize::off,
        };
        CHECK(lora_airtime(lora, v.number("payload_bytes"), framing).count() ==
              v.number<std::int64_t>("airtime_us"));
    }
}

TEST_CASE("low data rate optimisation is on where a symbol lasts 16 ms", "[lns][region]") {
    struct Row {
        std::uint8_t sf;
        std::uint32_t bandwidth_hz;
        LowDataRateOptimize same_as;
    };
    const auto row = GENERATE(values<Row>({
        {12, 125'000, LowDataRateOptimize::on},
        {11, 125'000, LowDataRateOptimize::on},
        {10, 125'000, LowDataRateOptimize::off},
        {12, 250'000, LowDataRateOptimize::on},
        {11, 250'000, LowDataRateOptimize::off},
        {12, 500'000, LowDataRateOptimize::off},
    }));
    CAPTURE(row.sf, row.bandwidth_hz);
    const LoraModulation lora{row.bandwidth_hz, row.sf};
    // 40 bytes make different block counts with and without it at each of these.
    CHECK(lora_airtime(lora, 40) ==
          lora_airtime(lora, 40, {.low_data_rate_optimize = row.same_as}));
    CHECK(lora_airtime(lora, 40, {.low_data_rate_optimize = LowDataRateOptimize::on}) !=
          lora_airtime(lora, 40, {.low_data_rate_optimize = LowDataRateOptimize::off}));
}

TEST_CASE("the other modulations' airtimes follow their framing", "[lns][region]") {
    // 5 preamble + 3 sync + 1 length + 23 + 2 CRC bytes at 50 kbit/s.
    CHECK(airtime(FskModulation{50'000}, 23, true).count() == 5'440);
    // Rate 1/3: three headers of 233.472 ms, ceil((23 + 3) / 2) fragments of 102.4 ms.
    CHECK(airtime(LrFhssModulation{137'000, 2}, 23, true).count() == 3 * 233'472 + 13 * 102'400);
    // Rate 2/3: two headers, ceil((23 + 3) / 4) fragments.
    CHECK(airtime(LrFhssModulation{137'000, 4}, 23, true).count() == 2 * 233'472 + 7 * 102'400);
    // A LoRa downlink has no CRC.
    CHECK(airtime(LoraModulation{125'000, 7}, 23, false).count() == 56'576);
    CHECK(airtime(LoraModulation{125'000, 7}, 23, true).count() == 61'696);
}

TEST_CASE("SF5 and SF6 have a longer sync and a header of full rate", "[lns][region]") {
    // (8 + 6.25 + 8 + 5 * ceil((8 * 23 + 16 + 20 - 4 * SF) / (4 * SF))) symbols
    CHECK(lora_airtime({125'000, 6}, 23).count() == 512 * (22.25 + 5 * 9));
    CHECK(lora_airtime({125'000, 5}, 23).count() == 256 * (22.25 + 5 * 10));
}

TEST_CASE("a wider channel needs a stronger signal", "[lns][region]") {
    CHECK(required_snr_db(12, 125'000) == -20.0f);
    CHECK(required_snr_db(7, 125'000) == -7.5f);
    CHECK(required_snr_db(6, 125'000) == -5.0f);
    CHECK(required_snr_db(5, 125'000) == -2.5f);
    CHECK(required_snr_db(7, 250'000) == -4.5f);
    CHECK(required_snr_db(8, 500'000) == -4.0f);
    CHECK_FALSE(required_snr_db(FskModulation{50'000}));
}
