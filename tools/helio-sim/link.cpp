#include "tools/helio-sim/link.h"

#include "lns/region/airtime.h"

#include <cmath>

namespace helio::sim {
namespace {

constexpr int kNoiseFloorDbm = -117;  // 125 kHz with a good receiver
constexpr int kReferenceEirpDbm = 14;
// The own gateway hears a device at -8..+9 dB, each one further a few decibels worse.
constexpr double kBestSnrDb = 9;
constexpr double kSpreadDb = 17;
constexpr double kStepDb = 4;
constexpr double kWeatherDb = 1.5;

// SplitMix64: evenly spread, the same on every machine.
std::uint64_t mix(std::uint64_t v) {
    v += 0x9e37'79b9'7f4a'7c15u;
    v = (v ^ v >> 30) * 0xbf58'476d'1ce4'e5b9u;
    v = (v ^ v >> 27) * 0x94d0'49bb'1331'11ebu;
    return v ^ v >> 31;
}

Level level(double snr_db) {
    return {.rssi_dbm = kNoiseFloorDbm + static_cast<int>(std::lround(snr_db)),
            .snr_db = static_cast<float>(std::round(snr_db * 10) / 10)};
}

}  // namespace

Level level_of(std::uint64_t seed, std::uint32_t device, std::uint32_t distance, int eirp_dbm) {
    const double unit = static_cast<double>(mix(mix(seed) ^ device) >> 11) * 0x1p-53;
    return level(kBestSnrDb - kSpreadDb * unit - kStepDb * distance + eirp_dbm - kReferenceEirpDbm);
}

Level with_weather(const Level& at, std::mt19937_64& random) {
    std::normal_distribution<double> weather(0, kWeatherDb);
    return level(at.snr_db + weather(random));
}

bool is_received(const Level& at, const lns::Modulation& modulation) {
    const auto required = lns::required_snr_db(modulation);
    return !required || at.snr_db >= *required;
}

}  // namespace helio::sim
