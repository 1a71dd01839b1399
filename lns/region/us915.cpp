#include "lns/region/tables.h"

namespace helio::lns {
namespace {

using internal::kNone;
using internal::lora;
using internal::lr_fhss;

// clang-format off
constexpr DataRateRow kUplink[] = {
    //                        M   with repeater
    /* 0 */ lora(10, 125'000,  19,  19),
    /* 1 */ lora( 9, 125'000,  61,  61),
    /* 2 */ lora( 8, 125'000, 133, 133),
    /* 3 */ lora( 7, 125'000, 250, 230),
    /* 4 */ lora( 8, 500'000, 250, 230),
    /* 5 */ lr_fhss(1'523'000, 2,  58,  58),
    /* 6 */ lr_fhss(1'523'000, 4, 133, 133),
    /* 7 */ lora( 6, 125'000, 250, 230),  // RP002-1.0.5
    /* 8 */ lora( 5, 125'000, 250, 230),  // RP002-1.0.5
};

constexpr DataRateRow kDownlink[] = {
    /*  0 */ lora( 5, 500'000, 250, 230),  // RP002-1.0.5
    /*  1..7 */ {}, {}, {}, {}, {}, {}, {},
    /*  8 */ lora(12, 500'000,  61,  61),
    /*  9 */ lora(11, 500'000, 137, 137),
    /* 10 */ lora(10, 500'000, 250, 230),
    /* 11 */ lora( 9, 500'000, 250, 230),
    /* 12 */ lora( 8, 500'000, 250, 230),
    /* 13 */ lora( 7, 500'000, 250, 230),
    /* 14 */ lora( 6, 500'000, 250, 230),  // RP002-1.0.5
};

constexpr Rx1Row kRx1[] = {
    // by RX1DROffset
    /* 0 */ {{10,  9,  8,  8, kNone, kNone, kNone, kNone}},
    /* 1 */ {{11, 10,  9,  8, kNone, kNone, kNone, kNone}},
    /* 2 */ {{12, 11, 10,  9, kNone, kNone, kNone, kNone}},
    /* 3 */ {{13, 12, 11, 10, kNone, kNone, kNone, kNone}},
    /* 4 */ {{13, 13, 12, 11, kNone, kNone, kNone, kNone}},
    /* 5 */ {{10,  9,  8,  8, kNone, kNone, kNone, kNone}},
    /* 6 */ {{11, 10,  9,  8, kNone, kNone, kNone, kNone}},
    /* 7 */ {{14, 13, 12, 11, kNone, kNone, kNone, kNone}},
    /* 8 */ {{ 0, 14, 13, 12, kNone, kNone, kNone, kNone}},
};

constexpr std::int8_t kTxPower[] = {0, -2, -4, -6, -8, -10, -12, -14, -16, -18, -20, -22, -24, -26, -28};
// clang-format on

// 64 channels of 125 kHz from 902.3 MHz, then 8 of 500 kHz from 903.0 MHz.
constexpr std::array<Channel, 72> make_channels() {
    std::array<Channel, 72> channels{};
    for (std::uint32_t i = 0; i < 64; ++i) channels[i] = {902'300'000 + 200'000 * i, 0, 3};
    for (std::uint32_t i = 0; i < 8; ++i) channels[64 + i] = {903'000'000 + 1'600'000 * i, 4, 6};
    return channels;
}
constexpr auto kChannels = make_channels();

constexpr std::array<std::uint32_t, 8> make_downlink_frequencies() {
    std::array<std::uint32_t, 8> hz{};
    for (std::uint32_t i = 0; i < 8; ++i) hz[i] = 923'300'000 + 600'000 * i;
    return hz;
}
constexpr auto kDownlinkFrequencies = make_downlink_frequencies();

constexpr std::array<SubBand, 8> make_sub_bands() {
    std::array<SubBand, 8> bands{};
    for (std::uint8_t i = 0; i < 8; ++i) {
        bands[i] = {static_cast<std::uint8_t>(8 * i), static_cast<std::uint8_t>(64 + i)};
    }
    return bands;
}
constexpr auto kSubBands = make_sub_bands();

constexpr JoinChannels kJoinChannels[] = {{0, 64, 0, 0}, {64, 8, 4, 4}};

using Kind = ChMaskControl::Kind;

constexpr Region kTables = {
    .name = "US915",
    .min_frequency_hz = 902'000'000,
    .max_frequency_hz = 928'000'000,
    .frequency_step_hz = 100,
    .uplink_data_rates = kUplink,
    .downlink_data_rates = kDownlink,
    .max_adr_data_rate = 3,
    .channels = kChannels,
    .max_channels = 72,
    .channels_can_be_added = false,
    .downlink_channels_can_be_moved = false,
    .usual_extra_channels_hz = {},
    .join_channels = kJoinChannels,
    .sub_bands = kSubBands,
    .ch_mask_control = {{
        {Kind::sixteen, 0},
        {Kind::sixteen, 16},
        {Kind::sixteen, 32},
        {Kind::sixteen, 48},
        {Kind::sixteen, 64},
        {Kind::banks, 0},
        {Kind::narrow_all_on, 64},
        {Kind::narrow_all_off, 64},
    }},
    .rx1_frequencies_hz = kDownlinkFrequencies,
    .rx1_rows = kRx1,
    .max_rx1_dr_offset = 3,
    .rx2_frequency_hz = 923'300'000,
    .rx2_data_rate = 8,
    .max_eirp_dbm = 30,
    .tx_power_offset_db = kTxPower,
    .downlink_eirp_dbm = 21,  // of the hybrid systems that RP002 calls for; FCC 15.247
    .duty_bands = {},
    .cflist_type = 1,
    .cflist_min_mac_version = 3,
    .cflist_min_data_rate = 0,
    .cflist_max_data_rate = 0,
    .tx_param_setup = false,
    .uplink_dwell_time = std::chrono::milliseconds(400),  // FCC, 125 kHz channels
};
static_assert(internal::is_consistent(kTables));

}  // namespace

constexpr Region kUs915 = kTables;

}  // namespace helio::lns
