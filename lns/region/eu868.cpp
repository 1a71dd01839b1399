#include "lns/region/tables.h"

namespace helio::lns {
namespace {

using internal::fsk;
using internal::kNone;
using internal::lora;
using internal::lr_fhss;

// clang-format off
constexpr DataRateRow kUplink[] = {
    //                       M   with repeater
    /*  0 */ lora(12, 125'000,  59,  59),
    /*  1 */ lora(11, 125'000,  59,  59),
    /*  2 */ lora(10, 125'000,  59,  59),
    /*  3 */ lora( 9, 125'000, 123, 123),
    /*  4 */ lora( 8, 125'000, 250, 230),
    /*  5 */ lora( 7, 125'000, 250, 230),
    /*  6 */ lora( 7, 250'000, 250, 230),
    /*  7 */ fsk(50'000,       250, 230),
    /*  8 */ lr_fhss(137'000, 2, 58,  58),
    /*  9 */ lr_fhss(137'000, 4, 123, 123),
    /* 10 */ lr_fhss(336'000, 2, 58,  58),
    /* 11 */ lr_fhss(336'000, 4, 123, 123),
    /* 12 */ lora( 6, 125'000, 250, 230),  // RP002-1.0.5
    /* 13 */ lora( 5, 125'000, 250, 230),  // RP002-1.0.5
};

constexpr DataRateRow kDownlink[] = {
    kUplink[0], kUplink[1], kUplink[2], kUplink[3], kUplink[4], kUplink[5], kUplink[6], kUplink[7],
    {}, {}, {}, {},
    kUplink[12], kUplink[13],
};

constexpr Rx1Row kRx1[] = {
    // by RX1DROffset
    /*  0 */ {{ 0,  0, 0, 0, 0, 0, kNone, kNone}},
    /*  1 */ {{ 1,  0, 0, 0, 0, 0, kNone, kNone}},
    /*  2 */ {{ 2,  1, 0, 0, 0, 0, kNone, kNone}},
    /*  3 */ {{ 3,  2, 1, 0, 0, 0, kNone, kNone}},
    /*  4 */ {{ 4,  3, 2, 1, 0, 0, kNone, kNone}},
    /*  5 */ {{ 5,  4, 3, 2, 1, 0, kNone, kNone}},
    /*  6 */ {{ 6,  5, 4, 3, 2, 1, kNone, kNone}},
    /*  7 */ {{ 7,  6, 5, 4, 3, 2, kNone, kNone}},
    /*  8 */ {{ 1,  0, 0, 0, 0, 0, kNone, kNone}},
    /*  9 */ {{ 2,  1, 0, 0, 0, 0, kNone, kNone}},
    /* 10 */ {{ 1,  0, 0, 0, 0, 0, kNone, kNone}},
    /* 11 */ {{ 2,  1, 0, 0, 0, 0, kNone, kNone}},
    /* 12 */ {{12,  5, 4, 3, 2, 1, kNone, kNone}},
    /* 13 */ {{13, 12, 5, 4, 3, 2, kNone, kNone}},
};

constexpr Channel kChannels[] = {
    {868'100'000, 0, 5},
    {868'300'000, 0, 5},
    {868'500'000, 0, 5},
};
// The five that public networks add, one CFList full: all in the band L of 1 %.
constexpr std::uint32_t kUsualExtra[] = {
    867'100'000, 867'300'000, 867'500'000, 867'700'000, 867'900'000};
constexpr JoinChannels kJoinChannels[] = {{0, 3, 0, 5}};

constexpr std::int8_t kTxPower[] = {0, -2, -4, -6, -8, -10, -12, -14};

// EN 300 220 speaks of ERP; a dipole's 2.15 dB make it EIRP, rounded down to whole dBm.
constexpr DutyBand kDutyBands[] = {
    //             Hz                       per mille  dBm EIRP
    {"K (h1.2)", 863'000'000, 865'000'000,   1,        16},
    {"L (h1.3)", 865'000'000, 868'000'000,  10,        16},
    {"M (h1.4)", 868'000'000, 868'600'000,  10,        16},
    {"N (h1.5)", 868'700'000, 869'200'000,   1,        16},
    {"P (h1.6)", 869'400'000, 869'650'000, 100,        29},
    {"R (h1.7)", 869'700'000, 870'000'000,  10,        16},
};
// clang-format on

constexpr Region kTables = {
    .name = "EU868",
    .min_frequency_hz = 863'000'000,
    .max_frequency_hz = 870'000'000,
    .frequency_step_hz = 100,
    .uplink_data_rates = kUplink,
    .downlink_data_rates = kDownlink,
    .max_adr_data_rate = 5,
    .channels = kChannels,
    .max_channels = 16,
    .channels_can_be_added = true,
    .downlink_channels_can_be_moved = true,
    .usual_extra_channels_hz = kUsualExtra,
    .join_channels = kJoinChannels,
    .sub_bands = {},
    .ch_mask_control = {{
        {ChMaskControl::Kind::sixteen, 0},
        {},
        {},
        {},
        {},
        {},
        {ChMaskControl::Kind::all_on, 0},
        {},
    }},
    .rx1_frequencies_hz = {},
    .rx1_rows = kRx1,
    .max_rx1_dr_offset = 5,
    .rx2_frequency_hz = 869'525'000,
    .rx2_data_rate = 0,
    .max_eirp_dbm = 16,
    .tx_power_offset_db = kTxPower,
    .downlink_eirp_dbm = 16,
    .duty_bands = kDutyBands,
    .cflist_type = 0,
    .cflist_min_mac_version = 0,
    .cflist_min_data_rate = 0,
    .cflist_max_data_rate = 5,
    .tx_param_setup = false,
    .uplink_dwell_time = std::nullopt,
};
static_assert(internal::is_consistent(kTables));

}  // namespace

constexpr Region kEu868 = kTables;

}  // namespace helio::lns
