#include "lns/region/airtime.h"

#include <algorithm>
#include <cassert>

namespace helio::lns {
namespace {

constexpr std::int64_t kUsPerSecond = 1'000'000;

constexpr std::int64_t ceil_div(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

Duration fsk_airtime(const FskModulation& fsk, std::size_t payload_size, bool crc) {
    // Preamble, sync word, length.
    const std::int64_t bytes = 5 + 3 + 1 + static_cast<std::int64_t>(payload_size) + (crc ? 2 : 0);
    return Duration(ceil_div(bytes * 8 * kUsPerSecond, fsk.bit_rate));
}

Duration lr_fhss_airtime(const LrFhssModulation& fhss, std::size_t payload_size) {
    // A third of redundancy needs fewer copies of the header and packs more into a fragment.
    const bool strong = fhss.code_rate <= 2;  // 1/3
    const std::int64_t headers = strong ? 3 : 2;
    const std::int64_t bytes_a_fragment = strong ? 2 : 4;
    const std::int64_t fragments =
        ceil_div(static_cast<std::int64_t>(payload_size) + 3, bytes_a_fragment);
    return Duration(headers * 233'472 + fragments * 102'400);
}

}  // namespace

Duration lora_airtime(const LoraModulation& lora,
                      std::size_t payload_size,
                      const LoraFraming& framing) {
    const int sf = lora.spreading_factor;
    assert(sf >= 5 && sf <= 12 && lora.bandwidth_hz > 0);
    const std::int64_t chips = std::int64_t{1} << sf;
    const bool slow = chips * 1000 >= std::int64_t{16} * lora.bandwidth_hz;
    const bool optimize = framing.low_data_rate_optimize == LowDataRateOptimize::automatic
                              ? slow
                              : framing.low_data_rate_optimize == LowDataRateOptimize::on;
    // SF5 and SF6 have a longer sync and their header is not in symbols of reduced rate.
    const bool short_sf = sf < 7;

    const std::int64_t bits = 8 * static_cast<std::int64_t>(payload_size) + (framing.crc ? 16 : 0) +
                              (framing.explicit_header ? 20 : 0) - 4 * sf + (short_sf ? 0 : 8);
    const std::int64_t bits_a_block = 4 * (sf - (optimize && !short_sf ? 2 : 0));
    const std::int64_t payload_symbols =
        8 + ceil_div(std::max<std::int64_t>(bits, 0), bits_a_block) * lora.code_rate;
    const std::int64_t quarter_symbols =
        4 * (framing.preamble_symbols + payload_symbols) + (short_sf ? 25 : 17);
    return Duration(quarter_symbols * chips * kUsPerSecond / (4 * std::int64_t{lora.bandwidth_hz}));
}

Duration airtime(const Modulation& modulation, std::size_t payload_size, bool payload_crc) {
    if (const auto* lora = std::get_if<LoraModulation>(&modulation))
        return lora_airtime(*lora, payload_size, {.crc = payload_crc});
    if (const auto* fsk = std::get_if<FskModulation>(&modulation))
        return fsk_airtime(*fsk, payload_size, true);
    return lr_fhss_airtime(std::get<LrFhssModulation>(modulation), payload_size);
}

float required_snr_db(unsigned spreading_factor, std::uint32_t bandwidth_hz) {
    const float wider = bandwidth_hz >= 500'000 ? 6.0f : bandwidth_hz >= 250'000 ? 3.0f : 0.0f;
    return 10.0f - 2.5f * static_cast<float>(spreading_factor) + wider;
}

std::optional<float> required_snr_db(const Modulation& modulation) {
    if (const auto* lora = std::get_if<LoraModulation>(&modulation))
        return required_snr_db(lora->spreading_factor, lora->bandwidth_hz);
    return std::nullopt;
}

}  // namespace helio::lns
