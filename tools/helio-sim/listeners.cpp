#include "tools/helio-sim/listeners.h"

namespace helio::sim {

void Listeners::open(const Listener& listener, Instant at, const Window& window) {
    open_.emplace(at, Entry{listener, window.frequency_hz, window.modulation});
}

std::vector<Listeners::Listener> Listeners::hearing(const TxRequest& request, Instant from) const {
    std::vector<Listener> out;
    if (!request.polarization_inverted) return out;
    const auto end = open_.upper_bound(from + kTolerance);
    for (auto at = open_.lower_bound(from - kTolerance); at != end; ++at) {
        const Entry& entry = at->second;
        if (entry.frequency_hz == request.frequency_hz && entry.modulation == request.modulation) {
            out.push_back(entry.listener);
        }
    }
    return out;
}

}  // namespace helio::sim
