#include "lns/adr/adr.h"

#include "lns/region/airtime.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <optional>

namespace helio::lns::adr {
namespace {

// Kept in addition while the window is not full: the few best of few uplinks say less.
constexpr float kFewSamplesDb = 2.5f;
// Between what lowers the power and what raises it again.
constexpr float kPowerHysteresisDb = 1.0f;
// Less power only saves battery, so it can wait; a faster data rate saves airtime at once.
constexpr std::size_t kSamplesForLessPower = 10;
constexpr std::size_t kSamplesForMoreRepetitions = 10;
// So near the floor, and with such losses, a data rate does not carry any more.
constexpr float kFailingDb = 2.5f;
constexpr float kFailingLoss = 0.10f;

std::optional<float> floor_of(const Region& region, unsigned data_rate) {
    const DataRate* row = region.data_rate(Direction::up, data_rate);
    return row == nullptr ? std::nullopt : required_snr_db(row->modulation);
}

bool has_bit(std::uint16_t bits, unsigned index) { return index < 16 && (bits >> index & 1) != 0; }

// How much weaker than full power an index is, in dB; beyond the table it is the table's last.
float reduction_db(const Region& region, unsigned index) {
    const auto table = region.tx_power_offset_db;
    return static_cast<float>(-table[std::min<std::size_t>(index, table.size() - 1)]);
}

// The upper quartile of the window, as if all had been sent at full power.  The best of twenty is
// one lucky moment of a fading channel, the median is what is lost half the time; the fifth best of
// twenty is often there and cannot be one accident.  Below five samples it is the best.
float snr_at_full_power(const Region& region, std::span<const Observation> window) {
    std::array<float, kWindow> values{};
    for (std::size_t i = 0; i < window.size(); ++i) {
        values[i] = static_cast<float>(window[i].snr_tenths) / 10.0f +
                    reduction_db(region, window[i].tx_power_index);
    }
    const auto end = values.begin() + static_cast<std::ptrdiff_t>(window.size());
    const auto at = values.begin() + static_cast<std::ptrdiff_t>((window.size() - 1) / 4);
    std::nth_element(values.begin(), at, end, std::greater<>());
    return *at;
}

float loss_of(std::span<const Observation> window) {
    const std::uint32_t sent = window.back().fcnt - window.front().fcnt + 1;
    if (sent <= window.size()) return 0;
    return static_cast<float>(sent - window.size()) / static_cast<float>(sent);
}

// Semtech's recommendation: what is lost, against what is repeated already.
std::uint8_t repetitions_for(float loss, std::uint8_t now) {
    constexpr std::uint8_t kTable[4][3] = {
        {1, 1, 2},  // below 5 %
        {1, 2, 3},  // below 10 %
        {2, 3, 3},  // below 30 %
        {3, 3, 3},
    };
    const std::size_t row = loss < 0.05f ? 0 : loss < 0.10f ? 1 : loss < 0.30f ? 2 : 3;
    return kTable[row][std::clamp<std::size_t>(now, 1, 3) - 1];
}

struct DataRateRange {
    unsigned min;
    unsigned max;
};

// The region's own limit is the fastest that all its channels carry: beyond it a device is left
// with a few of them.
DataRateRange range_of(const Input& in) {
    const unsigned max = std::min(in.limits.max_data_rate, in.region->max_adr_data_rate);
    return {std::min<unsigned>(in.limits.min_data_rate, max), max};
}

bool usable(const Input& in, unsigned data_rate) {
    return floor_of(*in.region, data_rate) && !has_bit(in.unusable_data_rates, data_rate);
}

// Faster while the spare of full power pays for the higher floor; takes it from `spare_db`.
unsigned raise_data_rate(const Input& in, unsigned from, unsigned max, float& spare_db) {
    unsigned at = from;
    for (unsigned next = from + 1; next <= max; ++next) {
        if (!usable(in, next)) continue;
        const float cost = *floor_of(*in.region, next) - *floor_of(*in.region, at);
        if (spare_db < cost) break;
        spare_db -= cost;
        at = next;
    }
    return at;
}

std::optional<unsigned> slower_data_rate(const Input& in, unsigned from, unsigned min) {
    for (unsigned next = from; next-- > min;) {
        if (usable(in, next)) return next;
    }
    return std::nullopt;
}

struct PowerRange {
    unsigned min;
    unsigned max;
};
PowerRange power_range_of(const Input& in) {
    const auto last = static_cast<unsigned>(in.region->tx_power_offset_db.size()) - 1;
    const unsigned max = std::min<unsigned>(in.limits.max_tx_power_index, last);
    return {std::min<unsigned>(in.limits.min_tx_power_index, max), max};
}

// The weakest power that costs no more than the spare of full power.
unsigned weakest_power(const Input& in, PowerRange range, float spare_db) {
    for (unsigned index = range.max; index > range.min; --index) {
        if (!has_bit(in.unusable_tx_powers, index) && reduction_db(*in.region, index) <= spare_db)
            return index;
    }
    return range.min;
}

unsigned choose_power(const Input& in, PowerRange range, const Decision& d, float spare_db) {
    const unsigned now = std::clamp<unsigned>(in.tx_power_index, range.min, range.max);
    const unsigned fits = weakest_power(in, range, spare_db);
    // After a step in data rate the present power may be too little: it is paid for again.
    if (d.data_rate != d.from_data_rate && fits < now) return fits;
    if (fits < now) return d.samples == kWindow ? fits : now;
    const unsigned weaker = weakest_power(in, range, spare_db - kPowerHysteresisDb);
    return d.samples >= kSamplesForLessPower ? std::max(weaker, now) : now;
}

std::uint8_t choose_repetitions(const Input& in, const Decision& d) {
    const auto within = [&](unsigned n) {
        const unsigned max = std::max(in.limits.max_nb_trans, in.limits.min_nb_trans);
        return static_cast<std::uint8_t>(std::clamp<unsigned>(n, in.limits.min_nb_trans, max));
    };
    const std::uint8_t wanted = repetitions_for(d.loss, in.nb_trans);
    const bool known =
        wanted > in.nb_trans ? d.samples >= kSamplesForMoreRepetitions : d.samples == kWindow;
    return within(known ? wanted : in.nb_trans);
}

Reason reason_of(const Decision& d) {
    if (d.data_rate > d.from_data_rate) return Reason::strong_link;
    if (d.data_rate < d.from_data_rate) return Reason::failing_link;
    if (d.tx_power_index > d.from_tx_power_index) return Reason::strong_link;
    if (d.tx_power_index < d.from_tx_power_index) return Reason::weak_link;
    return d.nb_trans != d.from_nb_trans ? Reason::losses : Reason::link_is_as_it_should_be;
}

constexpr std::string_view text_of(Reason reason) {
    switch (reason) {
        case Reason::no_observations:
            return "nothing has been heard since the last change";
        case Reason::not_lora:
            return "no demodulation floor is known for this data rate";
        case Reason::link_is_as_it_should_be:
            return "the link is as it should be";
        case Reason::strong_link:
            return "the link has more to spare than it needs";
        case Reason::weak_link:
            return "the link has less to spare than it needs";
        case Reason::failing_link:
            return "the link fails at full power";
        case Reason::losses:
            return "the repetitions follow the losses";
        case Reason::outside_limits:
            return "the limits say so";
    }
    return "";
}

}  // namespace

Decision decide(const Input& in) {
    const Region& region = *in.region;
    Decision d{
        .data_rate = in.data_rate,
        .tx_power_index = in.tx_power_index,
        .nb_trans = in.nb_trans,
        .from_data_rate = in.data_rate,
        .from_tx_power_index = in.tx_power_index,
        .from_nb_trans = in.nb_trans,
        .margin_db = in.margin_db,
    };
    const auto window = in.history.last(std::min(in.history.size(), kWindow));
    d.samples = static_cast<std::uint8_t>(window.size());
    if (window.empty()) return d;
    const auto floor = floor_of(region, in.data_rate);
    if (!floor) {
        d.reason = Reason::not_lora;
        return d;
    }

    const float full = snr_at_full_power(region, window);
    const float present_reduction = reduction_db(region, in.tx_power_index);
    d.snr_db = full - present_reduction;
    d.required_snr_db = *floor;
    d.few_samples_db = window.size() < kWindow ? kFewSamplesDb : 0.0f;
    d.spare_db = d.snr_db - d.required_snr_db - d.margin_db - d.few_samples_db;
    d.loss = loss_of(window);

    const DataRateRange rates = range_of(in);
    const PowerRange powers = power_range_of(in);
    const unsigned within = std::clamp<unsigned>(in.data_rate, rates.min, rates.max);
    if (within != in.data_rate && usable(in, within)) {
        // Brought back first; what the link allows there is seen in its own window.
        d.data_rate = static_cast<std::uint8_t>(within);
        d.tx_power_index = static_cast<std::uint8_t>(powers.min);
        d.reason = Reason::outside_limits;
        return d;
    }

    float spare_at_full = d.spare_db + present_reduction;
    d.data_rate =
        static_cast<std::uint8_t>(raise_data_rate(in, in.data_rate, rates.max, spare_at_full));
    d.tx_power_index = static_cast<std::uint8_t>(choose_power(in, powers, d, spare_at_full));

    const bool failing = in.tx_power_index == powers.min && window.size() == kWindow &&
                         d.snr_db - d.required_snr_db < kFailingDb && d.loss >= kFailingLoss;
    if (failing) {
        if (const auto slower = slower_data_rate(in, in.data_rate, rates.min))
            d.data_rate = static_cast<std::uint8_t>(*slower);
    }
    d.nb_trans = choose_repetitions(in, d);
    d.reason = reason_of(d);
    return d;
}

Algorithm find_algorithm(std::string_view name) { return name == "default" ? decide : nullptr; }

std::string explain(const Decision& d) {
    const auto step = [](const char* what, unsigned from, unsigned to) {
        return from == to ? fmt::format("{} {}", what, to)
                          : fmt::format("{} {} -> {}", what, from, to);
    };
    std::string text = fmt::format("{}, {}, {}: {}",
                                   step("data rate", d.from_data_rate, d.data_rate),
                                   step("power index", d.from_tx_power_index, d.tx_power_index),
                                   step("repetitions", d.from_nb_trans, d.nb_trans),
                                   text_of(d.reason));
    if (d.samples == 0 || d.reason == Reason::not_lora) return text;
    return text + fmt::format(
                      "; SNR {:.1f} dB - floor {:.1f} dB - margin {:.1f} dB - {:.1f} dB for "
                      "few samples = {:.1f} dB to spare, {:.0f} % lost, {} of {} uplinks",
                      d.snr_db,
                      d.required_snr_db,
                      d.margin_db,
                      d.few_samples_db,
                      d.spare_db,
                      d.loss * 100,
                      d.samples,
                      kWindow);
}

}  // namespace helio::lns::adr
