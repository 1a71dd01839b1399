// The simulated gateways with their sockets: forward frames, keep the path for downlinks open, and
// put what the server orders into their transmit queues.
//
// As real forwarders do, PUSH_DATA leave from another port than PULL_DATA; one socket serves all
// gateways for the former.
#pragma once

#include "base/io/udp_socket.h"
#include "tools/helio-sim/concentrator.h"
#include "tools/helio-sim/report.h"
#include "tools/helio-sim/schedule.h"

#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace helio::sim {

struct Refusal {
    std::string word;  // "TOO_LATE"
    double share;      // of the orders, 0..1
};

struct GatewaysSettings {
    io::Peer server;
    std::uint32_t count = 2;
    Eui64 first_eui = Eui64::from_value(0x0016'c001'ff10'0000u);
    std::vector<Refusal> refusals;
};

// How a frame arrived at one gateway, at the end of its transmission.
struct Arrival {
    Instant end;
    std::uint32_t frequency_hz;
    lns::Modulation modulation;
    Level level;
};

class Gateways {
  public:
    // A gateway will transmit this then.
    using OnTransmission =
        std::function<void(const TxRequest& request, const Concentrator::Transmission& when)>;

    // `report` and `random` outlive this.  Throws std::runtime_error where a socket cannot be had.
    Gateways(io::Loop& loop,
             const GatewaysSettings& settings,
             Report& report,
             std::mt19937_64& random,
             OnTransmission on_transmission);

    void start();
    void forward(std::uint32_t gateway, ByteView phy, const Arrival& arrival);
    std::uint32_t count() const { return static_cast<std::uint32_t>(gateways_.size()); }

  private:
    using Steady = std::chrono::steady_clock;

    struct Gateway {
        Eui64 eui;
        Concentrator radio;
        ForwarderStats stats;
        std::unique_ptr<io::UdpSocket> down;
    };
    struct Sent {
        Steady::time_point at;
        std::uint32_t gateway;
        bool waiting = false;
    };

    void keep_alive(std::uint32_t index);
    void tell_statistics(std::uint32_t index);
    std::uint16_t next_token(std::uint32_t gateway);
    void on_push_ack(std::uint16_t token);
    void on_order(Gateway& gateway, std::uint16_t token, const std::optional<TxRequest>& request);
    std::optional<std::string_view> refusal();
    double chance() { return std::uniform_real_distribution<double>()(random_); }

    io::Loop& loop_;
    GatewaysSettings settings_;
    Report& report_;
    std::mt19937_64& random_;
    OnTransmission on_transmission_;
    Schedule schedule_;
    std::vector<Gateway> gateways_;
    std::vector<Sent> sent_;  // by token
    std::uint16_t token_ = 0;
    std::uint64_t latencies_ = 0;
    std::unique_ptr<io::UdpSocket> up_;
};

}  // namespace helio::sim
