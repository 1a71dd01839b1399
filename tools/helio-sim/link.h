// How well a gateway hears a device: a level for each pair, made from the seed, so that some
// devices are near and others at the edge, with a little weather in it.
#pragma once

#include "lns/proto/gateway_messages.h"

#include <cstdint>
#include <random>

namespace helio::sim {

struct Level {
    int rssi_dbm;
    float snr_db;
};

// The gateways that may hear a device: its own and its neighbours.
inline constexpr std::uint32_t kGatewaysInReach = 8;

// The level at `distance` (0: the device's own gateway, below kGatewaysInReach) without weather.
Level level_of(std::uint64_t seed, std::uint32_t device, std::uint32_t distance, int eirp_dbm);

// With weather: some decibels up or down.
Level with_weather(const Level& level, std::mt19937_64& random);

// Whether a frame of this modulation can be received at this level.
bool is_received(const Level& level, const lns::Modulation& modulation);

}  // namespace helio::sim
