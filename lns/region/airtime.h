// How long a frame is on the air, to the microsecond, and how weak it may be.
//
// LoRa after the SX1276 and SX126x data sheets, FSK by counting bits, LR-FHSS by its header and
// fragment times.
#pragma once

#include "base/time.h"
#include "lns/proto/gateway_messages.h"

#include <cstdint>
#include <optional>

namespace helio::lns {

enum class LowDataRateOptimize : std::uint8_t {
    automatic,  // on where a symbol lasts 16 ms or more: what LoRaWAN does
    off,
    on,
};

struct LoraFraming {
    unsigned preamble_symbols = 8;
    bool explicit_header = true;
    bool crc = true;  // uplinks have one, downlinks have none
    LowDataRateOptimize low_data_rate_optimize = LowDataRateOptimize::automatic;
};

// Spreading factor 5..12, code rate 5..8.
Duration lora_airtime(const LoraModulation& modulation,
                      std::size_t payload_size,
                      const LoraFraming& framing = {});

// Of any modulation as LoRaWAN uses it; `payload_size` is the PHYPayload's.
Duration airtime(const Modulation& modulation, std::size_t payload_size, bool payload_crc);

// The signal-to-noise ratio that a receiver needs, in the bandwidth of the signal itself: a wider
// channel takes in more noise, so that the same spreading factor there needs more of the power that
// a 125 kHz figure speaks of (+3 dB at 250 kHz, +6 dB at 500 kHz).
float required_snr_db(unsigned spreading_factor, std::uint32_t bandwidth_hz);

// Absent for modulations whose gateways report no such ratio.
std::optional<float> required_snr_db(const Modulation& modulation);

}  // namespace helio::lns
