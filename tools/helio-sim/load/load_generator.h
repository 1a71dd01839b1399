// Uplinks at a high rate, for measuring a server: frames of ABP devices (or join-requests) that are
// right in every bit, made while sending with as little CPU as that takes, and sent many a system
// call.  It answers nothing: no MAC command, no window, no confirmed frame.
//
// Runs on the thread of its caller, who may stop it from another one.
#pragma once

#include "base/bytes.h"
#include "base/io/peer.h"
#include "base/time.h"
#include "tools/helio-sim/identity.h"

#include <atomic>
#include <memory>
#include <optional>

namespace helio::sim {

// What each uplink carries on FPort 1: 16 bytes, big-endian.
//
//   +---------------------------+------------------------------------+
//   |             8             |                 8                  |
//   +---------------------------+------------------------------------+
//   | sent at, UTC microseconds | sequence over all devices, from 0  |
//   +---------------------------+------------------------------------+
struct LoadPayload {
    static constexpr std::size_t kSize = 16;
    Instant sent_at;
    std::uint64_t sequence = 0;
    friend bool operator==(const LoadPayload&, const LoadPayload&) = default;
};
std::array<std::uint8_t, LoadPayload::kSize> encode_load_payload(const LoadPayload& payload);
// Absent for a payload of another size.
std::optional<LoadPayload> parse_load_payload(ByteView bytes);

struct LoadSettings {
    io::Peer server;
    IdentityBase identities;
    Eui64 gateway_eui = Eui64::from_value(0x0016'c001'ff20'0000u);  // of the first
    std::uint32_t gateways = 1;  // device i is heard by gateway (i + k) mod gateways, k < copies
    std::uint32_t copies = 1;
    std::uint32_t first_fcnt = 0;  // a server that has heard these devices wants a higher one
    bool joins = false;            // join-requests instead of uplinks
};

struct LoadReport {
    std::uint64_t frames = 0;     // sequences used
    std::uint64_t datagrams = 0;  // frames times copies
    std::uint64_t push_acks = 0;  // that came back while sending
    std::uint64_t send_errors = 0;
    Duration took{};
    Duration cpu{};  // of this thread
};

class LoadGenerator {
  public:
    // Throws std::runtime_error where no socket can be had.
    explicit LoadGenerator(const LoadSettings& settings);
    ~LoadGenerator();
    LoadGenerator(const LoadGenerator&) = delete;
    LoadGenerator& operator=(const LoadGenerator&) = delete;

    // Makes the keys of `devices` devices, which take turns: those of index 0, apart, 2 apart, ...
    void prepare(std::uint32_t devices, std::uint32_t apart = 1);

    // One PULL_DATA for each gateway, so that the server knows a way for downlinks.  To be repeated
    // within 90 s by who measures for longer.
    void send_pull_data();

    // Sends evenly, catching up in bursts of at most 64 after a delay, for `duration` or until
    // `stop`.  Counters go on from one call to the next.
    LoadReport send_at_rate(double frames_per_second,
                            Duration duration,
                            const std::atomic<bool>& stop);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace helio::sim
