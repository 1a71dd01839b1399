// Adaptive data rate: which data rate, power and repetition count a device should use, decided from
// its last receptions, with every number that led there.
//
// Algorithms stand behind one function type; the decision is a suggestion that lns/mac turns into
// LinkADRReq.  Call it for uplinks whose ADR bit is set.
#pragma once

#include "lns/region/region.h"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace helio::lns::adr {

inline constexpr std::size_t kWindow = 20;

// One uplink as its best gateway heard it.
struct Observation {
    std::uint32_t fcnt = 0;
    std::int16_t snr_tenths = 0;  // dB * 10
    std::uint8_t gateway_count = 1;
    std::uint8_t tx_power_index = 0;
    friend bool operator==(const Observation&, const Observation&) = default;
};

struct Limits {
    std::uint8_t min_data_rate = 0;
    std::uint8_t max_data_rate = 15;  // the region's own limit is always kept too
    std::uint8_t min_tx_power_index = 0;
    std::uint8_t max_tx_power_index = 15;
    std::uint8_t min_nb_trans = 1;
    std::uint8_t max_nb_trans = 3;
};

struct Input {
    const Region* region = nullptr;
    // Oldest first, distinct counters; those since the last change of data rate or NbTrans.  A
    // change of power needs no new window: each observation says at which power it was sent.
    std::span<const Observation> history;
    std::uint8_t data_rate = 0;
    std::uint8_t tx_power_index = 0;
    std::uint8_t nb_trans = 1;
    Limits limits;
    float margin_db = 10;  // kept above the demodulation floor, for fading
    // What the device cannot do.  Bit i: index i.
    std::uint16_t unusable_data_rates = 0;
    std::uint16_t unusable_tx_powers = 0;
};

enum class Reason : std::uint8_t {
    no_observations,  // nothing to decide from
    not_lora,         // no floor is known for this modulation
    link_is_as_it_should_be,
    strong_link,     // faster, or less power
    weak_link,       // more power
    failing_link,    // slower: full power does not help, and frames are lost
    losses,          // only the repetitions change
    outside_limits,  // brought back into the limits
};

// All that the decision was made of.
struct Decision {
    std::uint8_t data_rate = 0;
    std::uint8_t tx_power_index = 0;
    std::uint8_t nb_trans = 1;
    Reason reason = Reason::no_observations;

    std::uint8_t from_data_rate = 0;
    std::uint8_t from_tx_power_index = 0;
    std::uint8_t from_nb_trans = 1;
    std::uint8_t samples = 0;
    float snr_db = 0;           // upper quartile of the window, as if sent at the present power
    float required_snr_db = 0;  // floor of the present data rate
    float margin_db = 0;        // what was asked to be kept
    float few_samples_db = 0;   // kept in addition while the window is not full
    float spare_db = 0;         // snr - required - margin - few_samples
    float loss = 0;             // 0..1 over the window

    bool changes() const {
        return data_rate != from_data_rate || tx_power_index != from_tx_power_index ||
               nb_trans != from_nb_trans;
    }
};

using Algorithm = Decision (*)(const Input&);

// "default".  Absent (nullptr) where unknown.
Algorithm find_algorithm(std::string_view name);

Decision decide(const Input& input);

// One sentence for people: what is changed, and from which numbers.
std::string explain(const Decision& decision);

}  // namespace helio::lns::adr
