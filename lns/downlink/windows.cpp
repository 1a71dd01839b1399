#include "lns/downlink/windows.h"

#include <algorithm>

namespace helio::lns {
namespace {

constexpr std::size_t kMaxGateways = 4;

void add_window(std::vector<Window>& out, const Region& region, Window window) {
    if (region.data_rate(Direction::down, window.data_rate) == nullptr) return;
    window.max_payload = region.max_payload(Direction::down, window.data_rate);
    out.push_back(window);
}

std::vector<Window> class_a_windows(const Region& region,
                                    const mac::Parameters& parameters,
                                    std::uint32_t uplink_hz,
                                    std::uint8_t uplink_data_rate,
                                    Duration rx1_delay,
                                    unsigned rx1_dr_offset) {
    std::vector<Window> windows;
    const auto dr = region.rx1_data_rate(uplink_data_rate, rx1_dr_offset);
    const auto hz = mac::rx1_frequency_hz(region, parameters, uplink_hz);
    if (dr && hz) {
        add_window(
            windows,
            region,
            {.kind = WindowKind::rx1, .delay = rx1_delay, .frequency_hz = *hz, .data_rate = *dr});
    }
    add_window(windows,
               region,
               {.kind = WindowKind::rx2,
                .delay = rx1_delay + kReceiveDelay2After1,
                .frequency_hz = parameters.rx2_frequency_hz,
                .data_rate = parameters.rx2_data_rate});
    return windows;
}

}  // namespace

std::vector<Window> windows_after_data(const Region& region,
                                       const mac::Parameters& parameters,
                                       std::uint32_t uplink_hz,
                                       std::uint8_t uplink_data_rate) {
    const std::chrono::seconds delay(std::max<int>(1, parameters.rx_delay_1_s));
    return class_a_windows(
        region, parameters, uplink_hz, uplink_data_rate, delay, parameters.rx1_dr_offset);
}

std::vector<Window> windows_after_join(const Region& region,
                                       const mac::Parameters& parameters,
                                       std::uint32_t uplink_hz,
                                       std::uint8_t uplink_data_rate) {
    return class_a_windows(region, parameters, uplink_hz, uplink_data_rate, kJoinAcceptDelay1, 0);
}

float adjusted_rssi_dbm(const Copy& copy) {
    const auto rssi = static_cast<float>(copy.rssi_dbm);
    if (copy.snr_db <= -5) return rssi + copy.snr_db;
    if (copy.snr_db < 10) return rssi + copy.snr_db / 3 - 10.0f / 3;
    return rssi;
}

std::vector<Route> routes_of(const UplinkSet& set,
                             const std::vector<Window>& windows,
                             Duration lead) {
    std::vector<const Copy*> copies;
    for (const Copy& copy : set.copies) {
        if (!copy.counter_us && !copy.gps_time) continue;
        const auto same = std::ranges::find_if(
            copies, [&](const Copy* c) { return c->path.gateway == copy.path.gateway; });
        if (same == copies.end()) {
            copies.push_back(&copy);
        } else if (adjusted_rssi_dbm(copy) > adjusted_rssi_dbm(**same)) {
            *same = &copy;
        }
    }
    std::ranges::stable_sort(copies, [](const Copy* a, const Copy* b) {
        return adjusted_rssi_dbm(*a) > adjusted_rssi_dbm(*b);
    });
    if (copies.size() > kMaxGateways) copies.resize(kMaxGateways);

    std::vector<Route> routes;
    routes.reserve(copies.size() * windows.size());
    for (const Copy* copy : copies) {
        for (const Window& window : windows) {
            Route route{.window = window,
                        .path = copy->path,
                        .board = copy->board,
                        .antenna = copy->antenna,
                        .rf_chain = copy->rf_chain,
                        .send_by = copy->received_at + window.delay - lead};
            if (copy->counter_us) {
                route.counter_us =
                    *copy->counter_us + static_cast<std::uint32_t>(window.delay.count());
            }
            if (copy->gps_time) route.gps_time = {copy->gps_time->since_epoch + window.delay};
            routes.push_back(route);
        }
    }
    return routes;
}

}  // namespace helio::lns
