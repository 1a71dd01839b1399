#include "gateway-bridge/semtech-udp/modulation_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace helio::gateway_bridge::semtech_udp {
namespace {

struct Bandwidth {
    std::uint32_t text_khz;  // the chips of 2.4 GHz leave the fraction out
    std::uint32_t hz;
};
constexpr std::array<Bandwidth, 7> kBandwidths = {{{125, 125'000},
                                                   {250, 250'000},
                                                   {500, 500'000},
                                                   {203, 203'125},
                                                   {406, 406'250},
                                                   {812, 812'500},
                                                   {1625, 1'625'000}}};

// What the chips can do (SX1276, SX1302).
constexpr std::int64_t kMinFskBitRate = 500;
constexpr std::int64_t kMaxFskBitRate = 250'000;

// Takes `word` off the front; false, and nothing taken, where it does not stand there.
bool take(std::string_view& text, std::string_view word) {
    if (!text.starts_with(word)) return false;
    text.remove_prefix(word.size());
    return true;
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

// Absent for "OFF" too: the reference forwarder writes it for what are mostly false detections.
std::optional<std::uint8_t> lora_code_rate(std::string_view codr) {
    if (codr.empty()) return 5;
    if (!take(codr, "4/")) return std::nullopt;
    const auto denominator = take_number(codr);
    if (!denominator || *denominator < 5 || *denominator > 8) return std::nullopt;
    if (!codr.empty() && codr != "LI") return std::nullopt;
    return static_cast<std::uint8_t>(*denominator);
}

}  // namespace

std::optional<lns::LoraModulation> parse_lora(std::string_view datr, std::string_view codr) {
    if (!take(datr, "SF")) return std::nullopt;
    const auto spreading_factor = take_number(datr);
    if (!spreading_factor || *spreading_factor < 5 || *spreading_factor > 12) return std::nullopt;
    if (!take(datr, "BW")) return std::nullopt;
    const auto khz = take_number(datr);
    if (!khz || !datr.empty()) return std::nullopt;
    const auto* const bandwidth = std::ranges::find(kBandwidths, *khz, &Bandwidth::text_khz);
    if (bandwidth == kBandwidths.end()) return std::nullopt;
    const auto code_rate = lora_code_rate(codr);
    if (!code_rate) return std::nullopt;
    return lns::LoraModulation{
        .bandwidth_hz = bandwidth->hz,
        .spreading_factor = static_cast<std::uint8_t>(*spreading_factor),
        .code_rate = *code_rate,
    };
}

std::optional<lns::LrFhssModulation> parse_lr_fhss(std::string_view datr,
                                                   std::string_view codr,
                                                   std::uint16_t grid_steps) {
    if (!take(datr, "M0CW")) return std::nullopt;
    const auto khz = take_number(datr);
    if (!khz || !datr.empty()) return std::nullopt;
    if (*khz != 137 && *khz != 336 && *khz != 1523) return std::nullopt;
    if (codr != "2/6" && codr != "4/6") return std::nullopt;
    return lns::LrFhssModulation{
        .operating_channel_width_hz = *khz * 1000,
        .code_rate = static_cast<std::uint8_t>(codr[0] - '0'),
        .grid_steps = grid_steps,
    };
}

std::optional<lns::FskModulation> parse_fsk(std::int64_t bit_rate) {
    if (bit_rate < kMinFskBitRate || bit_rate > kMaxFskBitRate) return std::nullopt;
    return lns::FskModulation{.bit_rate = static_cast<std::uint32_t>(bit_rate)};
}

std::string lora_datr(const lns::LoraModulation& modulation) {
    const auto* const known =
        std::ranges::find(kBandwidths, modulation.bandwidth_hz, &Bandwidth::hz);
    const std::uint32_t khz =
        known == kBandwidths.end() ? modulation.bandwidth_hz / 1000 : known->text_khz;
    return "SF" + std::to_string(modulation.spreading_factor) + "BW" + std::to_string(khz);
}

}  // namespace helio::gateway_bridge::semtech_udp
