// Devices in the air, gateways that hear them, and a real server behind real UDP sockets.
// Everything happens at the time at which it would: a downlink that comes too late is refused, and
// one that is not exactly in a window of a device is heard by nobody.
//
//   Device  --(link)-->  gateways --PUSH_DATA-->  server
//   Device  <--(window)--  Concentrator  <--PULL_RESP--  server
#pragma once

#include "tools/helio-sim/device.h"
#include "tools/helio-sim/gateways.h"
#include "tools/helio-sim/report.h"

#include <functional>
#include <memory>

namespace helio::sim {

struct SimulationSettings {
    GatewaysSettings gateways;
    IdentityBase identities;
    DeviceSettings device;
    std::uint32_t devices = 10;
    double uplinks_per_second = 1;  // of all devices together
    double confirmed = 0;           // share of the uplinks
    double loss = 0;                // of each reception, up and down
    std::uint8_t fport = 1;
    std::optional<Bytes> expected_downlink;  // what an application is to send
};

// What a device measures, big-endian: temperature (0.01 degrees, signed, 2 bytes), humidity (%, 1),
// battery (mV, 2).  The temperature swings between 15 and 35 degrees.
std::array<std::uint8_t, 5> measurement(std::uint32_t device, std::uint32_t count);

class Simulation {
  public:
    // A line about something that has happened.
    using Observer = std::function<void(Instant at, std::string_view line)>;

    // Opens a socket for each gateway and one for all their PUSH_DATA; throws std::runtime_error
    // where that fails.
    Simulation(io::Loop& loop, const SimulationSettings& settings, Observer observer);
    ~Simulation();
    Simulation(const Simulation&) = delete;
    Simulation& operator=(const Simulation&) = delete;

    void start();
    // No new frames from here on; what is under way goes on.
    void finish();

    // Up to now.
    Report report() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace helio::sim
