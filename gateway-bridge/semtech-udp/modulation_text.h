// How this protocol spells modulations: `datr` and `codr`.  Spellings that no chip sends are
// refused rather than guessed at.
#pragma once

#include "lns/proto/gateway_messages.h"

#include <optional>
#include <string>
#include <string_view>

namespace helio::gateway_bridge::semtech_udp {

// "SF7BW125": spreading factor 5..12; 125, 250, 500, or (2.4 GHz) 203, 406, 812, 1625 kHz.
// `codr` is "4/5".."4/8", with "LI" behind it for the long interleaver; empty means 4/5.
std::optional<lns::LoraModulation> parse_lora(std::string_view datr, std::string_view codr);

// "M0CW137" with `codr` "2/6" or "4/6".
std::optional<lns::LrFhssModulation> parse_lr_fhss(std::string_view datr,
                                                   std::string_view codr,
                                                   std::uint16_t grid_steps);

std::optional<lns::FskModulation> parse_fsk(std::int64_t bit_rate);

// "SF7BW125"
std::string lora_datr(const lns::LoraModulation& modulation);

}  // namespace helio::gateway_bridge::semtech_udp
