// What the regional parameters (RP002-1.0.4, and the SF5/SF6 rows of 1.0.5) say of a band, as data.
//
// Each region is one constexpr Region in its own file; code asks the tables and never asks which
// region it is in.  Uplink and downlink data rates are apart, because one index can mean two
// things.
#pragma once

#include "lns/frame/phy.h"
#include "lns/proto/gateway_messages.h"
#include "lns/region/channel_set.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace helio::lns {

// The same in every region (RP002 "Default Settings").
inline constexpr std::chrono::seconds kReceiveDelay1{1};
inline constexpr std::chrono::seconds kJoinAcceptDelay1{5};
inline constexpr std::chrono::seconds kReceiveDelay2After1{1};
inline constexpr std::uint32_t kMaxFCntGap = 16'384;  // not a rule any more from 1.0.4 on
inline constexpr unsigned kMaxDataRates = 16;
inline constexpr unsigned kMaxRx1DrOffsets = 8;

struct DataRate {
    Modulation modulation;
    // M of RP002: MACPayload bytes, where no repeater may be between and where one may.
    std::uint8_t max_mac_payload;
    std::uint8_t max_mac_payload_repeater;

    // N of RP002: FRMPayload and FOpts together.
    constexpr std::uint8_t max_payload() const {
        return max_mac_payload < 8 ? 0 : static_cast<std::uint8_t>(max_mac_payload - 8);
    }
};
using DataRateRow = std::optional<DataRate>;  // absent: the index is not defined

struct Channel {
    std::uint32_t frequency_hz;
    std::uint8_t min_data_rate;
    std::uint8_t max_data_rate;
};

// A fixed plan is built with groups of channels that one gateway receives.
struct SubBand {
    std::uint8_t first_channel;  // of eight 125 kHz channels
    std::uint8_t wide_channel;   // the 500 kHz channel beside them
};

struct JoinChannels {
    std::uint8_t first_channel;
    std::uint8_t channel_count;
    std::uint8_t min_data_rate;
    std::uint8_t max_data_rate;
};

// What one value of ChMaskCntl makes of the ChMask beside it.
struct ChMaskControl {
    enum class Kind : std::uint8_t {
        rfu,             // a device refuses the mask
        sixteen,         // bit i: channel first_channel + i
        banks,           // bit i: the sub-band i with its wide channel
        all_on,          // every defined channel; the mask is ignored
        narrow_all_on,   // channels below first_channel on; bit i: channel first_channel + i
        narrow_all_off,  // the same, off
    };
    Kind kind = Kind::rfu;
    std::uint8_t first_channel = 0;
};

// A stretch of the band with its limits in law (EN 300 220 where there are several).
struct DutyBand {
    std::string_view name;
    std::uint32_t min_hz;
    std::uint32_t max_hz;
    std::uint16_t duty_cycle_per_mille;
    std::int8_t max_eirp_dbm;
};

struct Rx1Row {
    // By RX1DROffset; kNoDataRate where the offset is not defined.
    std::array<std::uint8_t, kMaxRx1DrOffsets> data_rate;
};
inline constexpr std::uint8_t kNoDataRate = 0xff;

struct Region {
    std::string_view name;
    std::uint32_t min_frequency_hz;
    std::uint32_t max_frequency_hz;
    std::uint32_t frequency_step_hz;

    std::span<const DataRateRow> uplink_data_rates;
    std::span<const DataRateRow> downlink_data_rates;
    std::uint8_t max_adr_data_rate;  // the fastest that every channel of the plan carries

    // The channels that exist in every device: the defaults of a free plan, all of a fixed one.
    std::span<const Channel> channels;
    std::uint8_t max_channels;
    bool channels_can_be_added;                              // NewChannelReq
    bool downlink_channels_can_be_moved;                     // DlChannelReq
    std::span<const std::uint32_t> usual_extra_channels_hz;  // what networks add to a free plan
    std::span<const JoinChannels> join_channels;
    std::span<const SubBand> sub_bands;
    std::array<ChMaskControl, 8> ch_mask_control;

    // Empty: RX1 is on the uplink's frequency.  Else the frequency at [uplink channel mod size].
    std::span<const std::uint32_t> rx1_frequencies_hz;
    std::span<const Rx1Row> rx1_rows;  // by uplink data rate
    std::uint8_t max_rx1_dr_offset;
    std::uint32_t rx2_frequency_hz;
    std::uint8_t rx2_data_rate;

    std::int8_t max_eirp_dbm;
    std::span<const std::int8_t> tx_power_offset_db;  // by TXPower index
    std::int8_t downlink_eirp_dbm;                    // of a gateway, outside of duty_bands
    std::span<const DutyBand> duty_bands;             // empty: the band has no duty cycle

    std::uint8_t cflist_type;
    std::uint8_t cflist_min_mac_version;  // proto::MacVersion
    std::uint8_t cflist_min_data_rate;    // of the channels that a type 0 list adds
    std::uint8_t cflist_max_data_rate;

    bool tx_param_setup;  // TxParamSetupReq is known here
    std::optional<std::chrono::milliseconds>
        uplink_dwell_time;  // where law, not a command, says it

    const DataRate* data_rate(Direction direction, unsigned index) const;
    std::optional<std::uint8_t> find_data_rate(Direction direction, const Modulation&) const;
    // N; 0 where the data rate is not defined.
    std::uint8_t max_payload(Direction direction, unsigned data_rate) const;

    // Absent where the uplink data rate or the offset is out of the table.
    std::optional<std::uint8_t> rx1_data_rate(unsigned uplink_data_rate, unsigned offset) const;
    std::uint32_t rx1_frequency_hz(std::uint32_t uplink_frequency_hz,
                                   unsigned uplink_channel) const;

    // Among the region's own channels; a device may have more.
    std::optional<std::uint8_t> find_channel(std::uint32_t frequency_hz) const;
    bool contains(std::uint32_t frequency_hz) const {
        return frequency_hz >= min_frequency_hz && frequency_hz <= max_frequency_hz;
    }
    const DutyBand* duty_band(std::uint32_t frequency_hz) const;
    // What a gateway may radiate there.
    std::int8_t max_downlink_eirp_dbm(std::uint32_t frequency_hz) const;
};

// By the name that RP002 gives its common name: "EU868", "US915".  Absent where unknown.
const Region* find_region(std::string_view name);
std::span<const Region* const> all_regions();

// The channels that are on after a LinkADRReq with this ChMaskCntl and ChMask; `defined` are those
// that the device has.  Absent where a device must refuse: a reserved control value, a bit of a
// channel that is not defined.
std::optional<ChannelSet> apply_ch_mask(const Region& region,
                                        unsigned control,
                                        std::uint16_t mask,
                                        const ChannelSet& enabled,
                                        const ChannelSet& defined);

}  // namespace helio::lns
