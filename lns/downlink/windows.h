// The receive windows that an uplink opens at its device, and through which gateways they can be
// reached: a list to be tried in order.
//
// Class A opens two windows; classes B and C add rows of their own to the list.
#pragma once

#include "lns/mac/parameters.h"
#include "lns/uplink/uplink_set.h"

#include <vector>

namespace helio::lns {

enum class WindowKind : std::uint8_t { rx1, rx2 };

struct Window {
    WindowKind kind;
    Duration delay;  // from the end of the uplink
    std::uint32_t frequency_hz;
    std::uint8_t data_rate;
    std::uint8_t max_payload;  // N: FRMPayload and FOpts
    friend bool operator==(const Window&, const Window&) = default;
};

// After a data frame, with what the device is known to use; after a join-request, with what every
// device uses then.  A window whose data rate does not exist is left out.
std::vector<Window> windows_after_data(const Region& region,
                                       const mac::Parameters& parameters,
                                       std::uint32_t uplink_hz,
                                       std::uint8_t uplink_data_rate);
std::vector<Window> windows_after_join(const Region& region,
                                       const mac::Parameters& parameters,
                                       std::uint32_t uplink_hz,
                                       std::uint8_t uplink_data_rate);

// The strength that a downlink's gateway is chosen by: below the noise, RSSI is the noise's.
float adjusted_rssi_dbm(const Copy& copy);

// One way to reach the device.
struct Route {
    Window window;
    GatewayPath path;
    std::uint8_t board = 0;
    std::uint8_t antenna = 0;
    std::uint8_t rf_chain = 0;
    std::optional<std::uint32_t> counter_us;  // of the window's begin, modulo 2^32
    std::optional<GpsTime> gps_time;
    Instant send_by{};
};

// Best gateway first, each with its windows in order; a gateway that gave neither its counter nor a
// GPS time cannot hit a window and is left out.  `lead` is what a gateway needs in advance.
std::vector<Route> routes_of(const UplinkSet& set,
                             const std::vector<Window>& windows,
                             Duration lead);

}  // namespace helio::lns
